// WordPress sites that send their comments automatically: how to link one, and the linked ones.

import { announce } from "../core/announce.js";
import { get, post, remove } from "../core/api.js";
import { copied } from "../core/clipboard.js";
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { repeat } from "../core/live.js";
import { to } from "../core/router.js";
import { confirm } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { loading, problemNotice } from "../parts/notice.js";
import { siteLine } from "../parts/site-line.js";
import { siteSteps } from "../parts/site-steps.js";
import { isOver, titleOf } from "../parts/state.js";

export function sitesPage({ refresh, signal }) {
  const state = { sites: null, problem: null, refusal: null, busy: null, isCopied: false };
  /** The last sync of each linked site, by job id. */
  const jobs = new Map();
  let asked = 0;

  async function load() {
    asked += 1;
    const mine = asked;
    try {
      const { sites } = await get("sites", {}, signal);
      // Revoking a site ends its sync; keep showing that where the sync was already displayed.
      const wanted = sites.filter(({ state: word, job }) => job !== null && (word === "linked" || jobs.has(job)));
      const found = await Promise.all(wanted.map(({ job }) => look(job)));
      // A later request has newer data.
      if (mine !== asked) return;
      state.sites = sites;
      state.problem = null;
      found.forEach(take);
    } catch (problem) {
      if (problem.name === "AbortError" || mine !== asked) return;
      if (state.sites === null || !problem.isPassing) state.problem = problem;
    }
    refresh();
  }

  /** Loads a job unless it has ended, since it no longer changes then. */
  function look(id) {
    const known = jobs.get(id);
    return known !== undefined && isOver(known) ? known : get(`jobs/${encodeURIComponent(id)}`, {}, signal);
  }

  function take(job) {
    const before = jobs.get(job.id);
    if (before !== undefined && before.revision > job.revision) return;
    jobs.set(job.id, job);
    if (before !== undefined && !isOver(before) && isOver(job)) {
      announce(t("jobs.ended", { name: titleOf(job), state: t(`state.${job.state}`) }));
    }
  }

  async function attempt(site, work) {
    Object.assign(state, { busy: site.id, refusal: null });
    refresh();
    try {
      await work(`sites/${encodeURIComponent(site.id)}`);
    } catch (problem) {
      state.refusal = problem;
    }
    await load();
    state.busy = null;
    refresh();
  }

  const sync = (site) =>
    attempt(site, async (route) => {
      await post(`${route}/sync`);
      announce(t("sites.begun", { name: site.domain }));
    });

  async function revoke(site) {
    const agreed = await confirm({
      title: t("sites.revoke_title"),
      text: t("sites.revoke_text", { name: site.domain }),
      action: t("sites.revoke"),
    });
    if (!agreed) return;
    await attempt(site, async (route) => {
      await remove(route);
      announce(t("sites.is_revoked", { name: site.domain }));
    });
  }

  async function copy() {
    state.isCopied = await copied(location.origin);
    if (state.isCopied) announce(t("tokens.copied"));
    refresh();
  }

  function list() {
    if (state.sites === null) return state.problem === null ? loading() : null;
    if (state.sites.length === 0) return null;
    const acts = { sync, revoke };
    return h(
      "section",
      { class: "sites", "aria-labelledby": "list-title", "data-key": "list" },
      h("h2", { id: "list-title" }, t("sites.list")),
      h("ul", { class: "token-list" }, ...state.sites.map((site) => siteLine(site, jobs.get(site.job), acts, state.busy === site.id))),
      state.sites.some((site) => site.state === "linked") && h("p", { class: "hint" }, t("sites.again_hint")),
    );
  }

  const refused = () =>
    state.refusal?.kind === "job-state" ? problemNotice({ text: t("sites.under_way") }) : problemNotice(state.refusal);

  signal.addEventListener("abort", repeat(load));
  return {
    title: () => t("sites.title"),
    view: () => [
      h(
        "div",
        { "data-key": "head" },
        h("p", { class: "crumbs" }, h("a", { href: to("import") }, icon("back"), t("import.title"))),
        h("h1", { tabindex: "-1" }, t("sites.title")),
      ),
      h("p", { class: "lead" }, t("sites.lead")),
      problemNotice(state.problem),
      refused(),
      list(),
      siteSteps(state.isCopied, copy),
    ],
  };
}
