// A single job: its progress and its result. Modules in the folder of the same name add what is
// specific to a kind.

import { announce } from "../core/announce.js";
import { get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { ago, dateTime, t } from "../core/i18n.js";
import { kindOfJob } from "../core/kinds.js";
import { follow } from "../core/live.js";
import * as pace from "../core/pace.js";
import { go, to } from "../core/router.js";
import { isAdmin } from "../core/session.js";
import { confirm } from "../parts/dialog.js";
import { button } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { loading, problemNotice } from "../parts/notice.js";
import { progress } from "../parts/progress.js";
import { badge, cancelWords, isOver, sourceOf, stateWord, titleOf } from "../parts/state.js";
import { timeline } from "../parts/timeline.js";

/*
 * Each kind has a `page`: a function of `{id, signal, refresh, act, start, load}` that returns the
 * parts of the page specific to this kind. `changed(before, job)` is called on each change. `verdict` is the
 * result, `steps` and `hint` surround the progress, `sections` follow below. All but `changed` take
 * the job and whether a request is in progress.
 */
/**
 * Whether to announce a change to screen readers. A site that sends batch after batch is not
 * announced each time.
 */
function isNews(before, job) {
  const word = stateWord(job);
  return word !== stateWord(before) && !(job.sync && ["awaiting", "importing"].includes(word));
}

export function jobPage({ refresh, signal, id }) {
  const state = { job: null, own: null, problem: null, isBusy: false };
  let stop = () => {};

  function take(job) {
    const before = state.job;
    if (before !== null && before.revision > job.revision) return;
    state.job = job;
    state.own ??= kindOfJob(job).page({ id, signal, refresh, act, start, load });
    state.problem = null;
    pace.note(job);
    if (before !== null && isNews(before, job)) announce(t("job.now", { state: t(`state.${stateWord(job)}`) }));
    state.own.changed(before, job);
    if (isOver(job)) stop();
    refresh();
  }

  async function load() {
    try {
      take(await get(`jobs/${id}`, {}, signal));
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (problem.status === 404) stop();
      if (state.job === null || !problem.isPassing) state.problem = problem;
      refresh();
    }
  }

  async function attempt(work) {
    Object.assign(state, { isBusy: true, problem: null });
    refresh();
    try {
      await work();
    } catch (problem) {
      state.problem = problem;
    }
    state.isBusy = false;
    refresh();
  }

  /** Sends the admin's decision, "confirm" or "cancel", with its parameters. */
  async function act(word, said = {}) {
    if (word === "cancel" && !(await confirm(cancelWords(state.job)))) return;
    await attempt(async () => take(await post(`jobs/${id}/${word}`, undefined, said)));
  }

  /** Starts another job and opens it. */
  const start = (route, wanted) =>
    attempt(async () => {
      const { id: other } = await post(route, wanted);
      if (!signal.aborted) go("jobs", other);
    });

  function head(job) {
    const mayCancel = isAdmin() && !isOver(job) && job.state !== "waiting" && !job.cancel_requested && job.phase !== "finishing";
    const meta = [sourceOf(job), t("job.by", { name: job.started_by }), ago(job.created_at), job.dry_run && !job.check && t("job.dry")];
    const said = meta.filter(Boolean);
    return [
      h("p", { class: "crumbs" }, h("a", { href: to("jobs") }, icon("back"), t("jobs.title"))),
      h(
        "div",
        { class: "heading" },
        h("h1", { tabindex: "-1" }, titleOf(job)),
        badge(job),
        mayCancel && button("plain", t("cancel.action"), () => act("cancel"), { disabled: state.isBusy, "data-test": "cancel" }),
        h("p", { class: "quiet job-meta", title: dateTime(job.created_at) }, ...said.map((text) => h("span", null, text))),
      ),
    ];
  }

  function working(job) {
    if (isOver(job) || job.state === "waiting") return null;
    return h(
      "section",
      { class: "panel", "aria-labelledby": "progress-title", "data-key": "progress" },
      h("h2", { id: "progress-title" }, t(`state.${stateWord(job)}`)),
      state.own.steps(job),
      progress(job),
      h("p", { class: "hint" }, state.own.hint(job)),
    );
  }

  function view() {
    const { job, own, isBusy } = state;
    if (job === null) {
      const title = h("h1", { tabindex: "-1" }, t("job.title"));
      return [title, state.problem === null ? loading() : problemNotice(state.problem)];
    }
    return [
      h("div", { "data-key": "head" }, head(job)),
      state.problem && h("div", { "data-key": "problem" }, problemNotice(state.problem)),
      h("div", { "data-key": "verdict" }, own.verdict(job, isBusy)),
      working(job),
      isAdmin() && own.sections(job),
      timeline(job),
    ];
  }

  stop = follow(`jobs/${id}/events`, { events: { job: take }, poll: load });
  signal.addEventListener("abort", stop);
  load();
  return { title: () => (state.job === null ? t("job.title") : titleOf(state.job)), view };
}
