// The account's jobs, updated live.

import { announce } from "../core/announce.js";
import { get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { listedKinds } from "../core/kinds.js";
import { follow } from "../core/live.js";
import * as pace from "../core/pace.js";
import { to } from "../core/router.js";
import { isAdmin } from "../core/session.js";
import { confirm } from "../parts/dialog.js";
import { button, selectField } from "../parts/fields.js";
import { jobRow } from "../parts/job-row.js";
import { empty, loading, problemNotice } from "../parts/notice.js";
import { cancelWords, isOver, kindName, titleOf } from "../parts/state.js";

const AT_ONCE = 50;
const STATES = ["queued", "running", "waiting", "succeeded", "failed", "cancelled"];

export function jobsPage({ refresh, signal }) {
  const state = { jobs: null, next: null, state: "", kind: "", kinds: new Set(listedKinds()), problem: null };

  const query = () => ({ state: state.state, kind: state.kind, limit: AT_ONCE });
  const isWanted = (job) => (!state.state || job.state === state.state) && (!state.kind || job.kind === state.kind);

  async function load() {
    try {
      const page = await get("jobs", query(), signal);
      state.jobs = new Map();
      take(page.jobs);
      state.next = page.next;
      state.problem = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.problem = problem;
    }
    refresh();
  }

  async function more() {
    const page = await get("jobs", { ...query(), cursor: state.next }, signal);
    take(page.jobs);
    state.next = page.next;
    refresh();
  }

  function take(jobs) {
    state.jobs ??= new Map();
    for (const job of jobs) {
      const before = state.jobs.get(job.id);
      // An update from the slower of the two sources may be older than what is shown.
      if (before !== undefined && before.revision > job.revision) continue;
      state.kinds.add(job.kind);
      pace.note(job);
      if (isWanted(job)) state.jobs.set(job.id, job);
      else state.jobs.delete(job.id);
      if (before !== undefined && !isOver(before) && isOver(job)) {
        announce(t("jobs.ended", { name: titleOf(job), state: t(`state.${job.state}`) }));
      }
    }
  }

  const stop = follow("jobs/events", {
    query: { limit: AT_ONCE },
    events: {
      // After a reconnect, the list contains everything that happened in between.
      jobs: ({ jobs }) => (state.state || state.kind ? load() : (take(jobs), refresh())),
      job: (job) => {
        take([job]);
        refresh();
      },
    },
    poll: load,
  });
  signal.addEventListener("abort", stop);

  async function cancel(job) {
    if (!(await confirm(cancelWords(job)))) return;
    try {
      take([await post(`jobs/${job.id}/cancel`)]);
    } catch (problem) {
      state.problem = problem;
    }
    refresh();
  }

  function choose(name, value) {
    state[name] = value;
    load();
  }

  function filters() {
    const states = [["", t("jobs.all")], ...STATES.map((word) => [word, t(`state.${word}`)])];
    const kinds = [["", t("jobs.all")], ...[...state.kinds].map((kind) => [kind, kindName(kind)])];
    return h(
      "div",
      { class: "filters" },
      selectField("state", t("jobs.state"), null, states, state.state, (value) => choose("state", value)),
      selectField("kind", t("jobs.kind"), null, kinds, state.kind, (value) => choose("kind", value)),
    );
  }

  function list() {
    if (state.jobs === null) return state.problem === null ? loading() : null;
    // Ids begin with the time of creation.
    const jobs = [...state.jobs.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    if (jobs.length === 0 && state.state) return empty(t("jobs.none_such"), "");
    if (jobs.length === 0 && state.kind) return empty(t("jobs.none_of_kind"), "");
    if (jobs.length === 0) {
      const link = isAdmin() && h("a", { class: "button button-primary", href: to("import") }, t("import.nav"));
      return empty(t("jobs.none"), t("jobs.none_text"), link);
    }
    return h("ul", { class: "jobs" }, ...jobs.map((job) => jobRow(job, cancel)));
  }

  load();
  return {
    title: () => t("jobs.title"),
    view: () => [
      h("div", { class: "heading" }, h("h1", { tabindex: "-1" }, t("jobs.title")), filters()),
      problemNotice(state.problem),
      list(),
      state.next && button("plain", t("common.more"), () => more().catch(() => {}), { class: "button button-plain more" }),
    ],
  };
}
