// The parts specific to an import: steps, a check that waits for confirmation, the
// receipt, findings.

import { get } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { isAdmin } from "../../core/session.js";
import { Findings } from "../../parts/findings.js";
import { stepList } from "../../parts/progress.js";
import { facts, mergedPages, shares, sums } from "../../parts/receipt.js";
import { isOver, kindName, stateWord } from "../../parts/state.js";
import { verdict } from "../../parts/verdict.js";

export function importJob({ id, signal, refresh, act }) {
  const state = { receipt: null, revision: 0 };
  const findings = new Findings(id, signal, refresh);

  function changed(before, job) {
    state.revision = job.revision;
    // The receipt of a check is not that of the import that follows.
    if (!isOver(job) && job.state !== "waiting") state.receipt = null;
    else if (before?.state !== job.state && isAdmin()) settle(job);
  }

  /** Loads what only a resting job has: the final receipt and the complete findings. */
  async function settle({ revision }) {
    findings.renew();
    const receipt = await get(`jobs/${id}/receipt`, {}, signal).catch(() => null);
    if (state.revision !== revision) return;
    state.receipt = receipt;
    refresh();
  }

  function receipt(job) {
    const counts = { ...job, ...(state.receipt ?? {}) };
    if (job.state === "waiting" || counts.read.comments === 0) return null;
    return h(
      "section",
      { class: "panel", "aria-labelledby": "receipt-title", "data-key": "receipt" },
      h("h2", { id: "receipt-title" }, isOver(job) ? t("receipt.title") : t("receipt.so_far")),
      shares(counts.outcome),
      sums(counts, job.dry_run || stateWord(job) === "checking" ? "would" : "outcome", totalLabel(job)),
      facts(counts),
      mergedPages(state.receipt, Boolean(job.sync)),
    );
  }

  function found(job) {
    // If nothing could be read, there is no success to report.
    const isRead = job.state === "waiting" || job.state === "succeeded" || job.read.comments > 0;
    if (!isRead || !(isOver(job) || job.state === "waiting")) return null;
    return findings.view((job.state === "waiting" && job.checked?.findings) || job.findings);
  }

  return {
    changed,
    verdict: (job, isBusy) => verdict(job, act, isBusy),
    steps: (job) => stepList(STEPS, job.phase),
    hint,
    sections: (job) => [receipt(job), found(job)],
  };
}

function totalLabel(job) {
  if (job.state !== "succeeded") return t("receipt.total_so_far");
  return job.sync ? t("receipt.total_sync") : t("receipt.total");
}

function hint(job) {
  if (job.phase === "uploading") return job.stalled ? t("job.stalled_upload") : t("job.needs_sender");
  return job.stalled ? t("job.stalled_text") : t("job.may_leave");
}

const STEPS = ["uploading", "planning", "importing", "finishing"];

/** See `core/kinds.js`. */
export const importKind = {
  working: "importing",
  title: (job) => job.file_name ?? t("job.unnamed", { kind: kindName(job.kind) }),
  result,
  counted: (job) => [t("job.comments_read", { count: job.read.comments })],
  done: ({ progress, read }) => ({ amount: progress.bytes_read, total: progress.bytes_total, comments: read.comments }),
  values: () => ({}),
  page: importJob,
};

function result(job) {
  const { created, updated, unchanged } = (job.state === "waiting" && job.checked ? job.checked : job).outcome;
  if (job.state === "waiting") return h("p", null, t("job.waiting", { count: created }));
  if (job.state === "cancelled" && created + updated + unchanged === 0) return h("p", { class: "quiet" }, t("job.nothing"));
  return h("p", null, t("job.result", { created, updated, unchanged }));
}
