// One job: what it does, what it found, what became of the file.

import { announce } from "../core/announce.js";
import { get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { ago, dateTime, t } from "../core/i18n.js";
import { follow } from "../core/live.js";
import * as pace from "../core/pace.js";
import { to } from "../core/router.js";
import { isAdmin } from "../core/session.js";
import { confirm } from "../parts/dialog.js";
import { button } from "../parts/fields.js";
import { Findings } from "../parts/findings.js";
import { icon } from "../parts/icons.js";
import { loading, problemNotice } from "../parts/notice.js";
import { progress } from "../parts/progress.js";
import { facts, mergedPages, shares, sums } from "../parts/receipt.js";
import { badge, isOver, sourceOf, stateWord, titleOf } from "../parts/state.js";
import { timeline } from "../parts/timeline.js";
import { verdict } from "../parts/verdict.js";

export function jobPage({ refresh, signal, id }) {
  const state = { job: null, receipt: null, problem: null, isBusy: false };
  const findings = new Findings(id, signal, refresh);
  let stop = () => {};

  function take(job) {
    const before = state.job;
    if (before !== null && before.revision > job.revision) return;
    state.job = job;
    state.problem = null;
    pace.note(job);
    const isSettled = isOver(job) || job.state === "waiting";
    if (before !== null && stateWord(before) !== stateWord(job)) announce(t("job.now", { state: t(`state.${stateWord(job)}`) }));
    // A check's receipt is not that of the import that follows it.
    if (!isSettled) state.receipt = null;
    else if (before?.state !== job.state && isAdmin()) settle();
    if (isOver(job)) stop();
    refresh();
  }

  /** What only a job that rests has: the receipt is final and the findings are complete. */
  async function settle() {
    findings.renew();
    const { revision } = state.job;
    const receipt = await get(`jobs/${id}/receipt`, {}, signal).catch(() => null);
    if (state.job.revision !== revision) return;
    state.receipt = receipt;
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

  /** Sends the admin's word: "confirm" or "cancel". */
  async function act(word) {
    const words = { title: t("cancel.title"), text: t("cancel.text", { name: titleOf(state.job) }), action: t("cancel.action") };
    if (word === "cancel" && !(await confirm(words))) return;
    Object.assign(state, { isBusy: true, problem: null });
    refresh();
    try {
      take(await post(`jobs/${id}/${word}`));
    } catch (problem) {
      state.problem = problem;
    }
    state.isBusy = false;
    refresh();
  }

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
      steps(job),
      progress(job),
      h("p", { class: "hint" }, hint(job)),
    );
  }

  function receipt(job) {
    const counts = { ...job, ...(state.receipt ?? {}) };
    if (job.state === "waiting" || counts.read.comments === 0) return null;
    return h(
      "section",
      { class: "panel", "aria-labelledby": "receipt-title", "data-key": "receipt" },
      h("h2", { id: "receipt-title" }, isOver(job) ? t("receipt.title") : t("receipt.so_far")),
      shares(counts.outcome),
      sums(counts, job.dry_run || stateWord(job) === "checking" ? "would" : "outcome", job.state === "succeeded"),
      facts(counts),
      mergedPages(state.receipt),
    );
  }

  function view() {
    const { job } = state;
    if (job === null) {
      const title = h("h1", { tabindex: "-1" }, t("job.title"));
      return [title, state.problem === null ? loading() : problemNotice(state.problem)];
    }
    const counts = (job.state === "waiting" && job.checked?.findings) || job.findings;
    // Where nothing could be read, there is nothing to praise either.
    const isRead = job.state === "waiting" || job.state === "succeeded" || job.read.comments > 0;
    const hasFindings = isAdmin() && isRead && (isOver(job) || job.state === "waiting");
    return [
      h("div", { "data-key": "head" }, head(job)),
      state.problem && h("div", { "data-key": "problem" }, problemNotice(state.problem)),
      h("div", { "data-key": "verdict" }, verdict(job, act, state.isBusy)),
      working(job),
      isAdmin() && receipt(job),
      hasFindings && findings.view(counts),
      timeline(job),
    ];
  }

  stop = follow(`jobs/${id}/events`, { events: { job: take }, poll: load });
  signal.addEventListener("abort", stop);
  load();
  return { title: () => (state.job === null ? t("job.title") : titleOf(state.job)), view };
}

function hint(job) {
  if (job.phase === "uploading") return job.stalled ? t("job.stalled_upload") : t("job.needs_sender");
  return job.stalled ? t("job.stalled_text") : t("job.may_leave");
}

const STEPS = ["uploading", "planning", "importing", "finishing"];

function steps(job) {
  const at = STEPS.indexOf(job.phase);
  return h(
    "ol",
    { class: "steps" },
    ...STEPS.map((step, number) =>
      h(
        "li",
        { class: number < at ? "step-done" : null, "aria-current": number === at ? "step" : null },
        t(`step.${step}`),
      ),
    ),
  );
}
