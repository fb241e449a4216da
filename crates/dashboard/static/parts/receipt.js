// The numbers of a job, arranged so that they can be added up.

import { h } from "../core/dom.js";
import { bytes, date, duration, number, t } from "../core/i18n.js";

const OUTCOMES = ["created", "updated", "unchanged", "skipped", "failed"];
const STATUSES = ["approved", "pending", "spam", "deleted"];

/**
 * Outcome and status, each with its sum. `words` is `outcome` for what was done, or `would` for the
 * result of a check; `totalLabel` labels the sum.
 */
export function sums(counts, words, totalLabel = t("receipt.total")) {
  const leftOut = counts.outcome.skipped + counts.outcome.failed;
  const outcomes = OUTCOMES.map((name) => [t(`${words}.${name}`), counts.outcome[name], `mark-${name}`]);
  const statuses = STATUSES.map((name) => [t(`status.${name}`), counts.status[name], `mark-${name}`]);
  if (leftOut > 0) statuses.push([t("receipt.left_out"), leftOut, "mark-skipped"]);
  const total = [totalLabel, counts.read.comments];
  return h("div", { class: "sums" }, sum(t(`receipt.${words}`), outcomes, total), sum(t("receipt.status"), statuses, total));
}

function sum(caption, rows, [totalLabel, total]) {
  return h(
    "table",
    { class: "sum" },
    h("caption", null, caption),
    h(
      "tbody",
      null,
      ...rows.map(([label, count, mark]) =>
        h(
          "tr",
          { class: count === 0 ? "zero" : null },
          h("th", { scope: "row" }, h("span", { class: `mark ${mark}`, "aria-hidden": "true" }), label),
          h("td", null, number(count)),
        ),
      ),
    ),
    h("tfoot", null, h("tr", null, h("th", { scope: "row" }, totalLabel), h("td", null, number(total)))),
  );
}

/** A bar that shows the shares of the outcomes; the table contains the same as numbers. */
export function shares(outcome) {
  const all = OUTCOMES.reduce((total, name) => total + outcome[name], 0);
  if (all === 0) return null;
  let begin = 0;
  const parts = OUTCOMES.filter((name) => outcome[name] > 0).map((name) => {
    const width = Math.max(0.4, (outcome[name] / all) * 100);
    const part = h("path", { class: `share share-${name}`, d: `M${begin} 0h${width}v2h-${width}z` });
    begin += width;
    return part;
  });
  const attributes = { class: "shares", viewBox: `0 0 ${begin} 2`, preserveAspectRatio: "none", "aria-hidden": "true" };
  return h("svg", attributes, ...parts);
}

/** Further facts, as terms and values; unknown values and uninteresting zeros are omitted. */
export function facts(counts) {
  const { read } = counts;
  const known = [
    [t("receipt.comments"), number(read.comments)],
    [t("receipt.replies"), number(read.replies)],
    [t("receipt.threads"), number(read.threads)],
    counts.pages === undefined ? null : [t("receipt.pages"), number(counts.pages)],
    counts.merged_pages ? [t("receipt.merged_pages"), number(counts.merged_pages)] : null,
    counts.orphans ? [t("receipt.orphans"), number(counts.orphans)] : null,
    counts.removed ? [t("receipt.removed"), number(counts.removed)] : null,
    counts.first_comment_at ? [t("receipt.from"), date(counts.first_comment_at)] : null,
    counts.last_comment_at ? [t("receipt.to"), date(counts.last_comment_at)] : null,
    counts.bytes?.read ? [t("receipt.bytes"), bytes(counts.bytes.read)] : null,
    counts.duration_ms ? [t("receipt.duration"), duration(counts.duration_ms / 1000)] : null,
  ];
  return terms(known);
}

/**
 * Terms and values; missing ones are omitted. `kind`: facts, which are short, or chosen, one below
 * the other.
 */
export function terms(known, kind = "facts") {
  return h(
    "dl",
    { class: kind },
    ...known.filter(Boolean).map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))),
  );
}

/**
 * The pages that the file contains under several addresses; or the site, if that sent the comments.
 */
export function mergedPages(receipt, isSync) {
  if (!receipt?.merged?.length) return null;
  return h(
    "details",
    { class: "fold" },
    h("summary", null, t(isSync ? "receipt.merged_sync" : "receipt.merged_list", { count: receipt.merged_pages })),
    h(
      "ul",
      { class: "merged" },
      ...receipt.merged.map((page) =>
        h("li", null, h("strong", null, page.url_id), h("ul", null, ...page.urls.map((url) => h("li", null, url)))),
      ),
    ),
  );
}
