// The findings of a job: a table that loads more rows on demand, with a filter, and the complete
// list as a file.

import { address, get } from "../core/api.js";
import { h } from "../core/dom.js";
import { has, number, t } from "../core/i18n.js";
import { button, selectField } from "./fields.js";
import { icon } from "./icons.js";
import { loading, problemNotice } from "./notice.js";

const EFFECTS = ["failed", "skipped", "repaired"];
const AT_ONCE = 100;
/** With a filter, pages are loaded until this number of rows is found. */
const ROWS = 50;

const sentenceOf = (finding) => (has(`reason.${finding.reason}`) ? t(`reason.${finding.reason}`) : finding.sentence);

/** The findings of one job; `refresh` redraws the page. */
export class Findings {
  constructor(job, signal, refresh) {
    Object.assign(this, { job, signal, refresh });
    this.rows = [];
    this.next = "";
    this.filter = "";
    this.shown = ROWS;
    this.round = 0;
    this.isLoading = false;
    this.problem = null;
  }

  /** Starts over, because the job has more findings. */
  renew() {
    this.round += 1;
    this.rows = [];
    this.next = "";
    this.isLoading = false;
    this.load();
  }

  matching() {
    return this.rows.filter((row) => this.filter === "" || `${row.effect}.${row.reason}`.startsWith(this.filter));
  }

  async load() {
    if (this.isLoading) return;
    const { round } = this;
    this.isLoading = true;
    this.problem = null;
    this.refresh();
    try {
      while (this.next !== null && this.matching().length < this.shown) {
        const query = { limit: AT_ONCE, cursor: this.next };
        const page = await get(`jobs/${this.job}/findings`, query, this.signal);
        if (round !== this.round) return;
        this.rows.push(...page.findings);
        this.next = page.next;
      }
    } catch (problem) {
      if (problem.name === "AbortError" || round !== this.round) return;
      this.problem = problem;
    }
    this.isLoading = false;
    this.refresh();
  }

  choose(filter) {
    this.filter = filter;
    this.shown = ROWS;
    this.load();
  }

  /** `counts`: {repaired: {reason: n}, skipped, failed}. */
  view(counts) {
    const all = EFFECTS.flatMap((effect) => Object.entries(counts[effect] ?? {}).map(([reason, n]) => [effect, reason, n]));
    const rows = this.matching().slice(0, this.shown);
    return h(
      "section",
      { class: "panel", "aria-labelledby": "findings-title", "data-key": "findings" },
      h("h2", { id: "findings-title" }, t("findings.title")),
      all.length === 0
        ? h("p", { class: "quiet" }, t("findings.none"))
        : [
            h("p", { class: "quiet" }, t("findings.about")),
            h("div", { class: "findings-tools" }, this.chooser(all), this.download()),
            problemNotice(this.problem),
            table(rows),
            this.isLoading && loading(),
            !this.isLoading && this.hasMore(rows) && button("plain", t("common.more"), () => this.more()),
          ],
    );
  }

  hasMore(rows) {
    return this.next !== null || this.matching().length > rows.length;
  }

  more() {
    this.shown += ROWS;
    this.load();
  }

  chooser(all) {
    const byEffect = EFFECTS.flatMap((effect) => {
      const own = all.filter(([of]) => of === effect);
      if (own.length === 0) return [];
      const total = own.reduce((sum, [, , n]) => sum + n, 0);
      const whole = [effect, `${t(`effect.${effect}`)} (${number(total)})`];
      return [whole, ...own.map(([, reason, n]) => [`${effect}.${reason}`, `— ${t(`reason_short.${reason}`)} (${number(n)})`])];
    });
    const choices = [["", t("findings.all")], ...byEffect];
    return selectField("findings-filter", t("findings.filter"), null, choices, this.filter, (value) => this.choose(value));
  }

  download() {
    const target = address(`jobs/${this.job}/findings`, { format: "csv" });
    return h("a", { class: "button button-plain", href: target, download: "" }, icon("download"), t("findings.download"));
  }
}

function table(rows) {
  if (rows.length === 0) return null;
  const head = ["effect", "reason", "source_id", "place"].map((name) => h("th", { scope: "col" }, t(`findings.${name}`)));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": t("findings.title") },
    h("table", { class: "table findings" }, h("thead", null, h("tr", null, ...head)), h("tbody", null, ...rows.map(line))),
  );
}

function line(finding) {
  const place = finding.part > 0 ? `${finding.part}:${finding.offset}` : finding.offset;
  return h(
    "tr",
    null,
    h("td", null, h("span", { class: `badge badge-${finding.effect}` }, t(`effect.${finding.effect}`))),
    h("td", null, sentenceOf(finding)),
    h("td", { class: "mono" }, finding.source_id ?? "–"),
    h("td", { class: "mono number", "data-label": t("findings.place") }, typeof place === "number" ? number(place) : place),
  );
}
