// The parts specific to a linked site's import: there is no file, and only the site knows how much
// is still to come.

import { h } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";
import { to } from "../../core/router.js";
import { isAdmin } from "../../core/session.js";
import { notice } from "../../parts/notice.js";
import { stepList } from "../../parts/progress.js";
import { stateWord } from "../../parts/state.js";
import { adviceOnSync } from "../../parts/verdict.js";
import { importJob, importKind } from "./import.js";

const STEPS = ["sending", "importing", "finishing"];

export function syncJob(context) {
  const steps = (job) => stepList(STEPS, isSending(job) ? "sending" : job.phase);
  return { ...importJob(context), verdict, steps, hint };
}

/** See `core/kinds.js`. */
export const syncKind = { ...importKind, title: (job) => job.sync.domain, page: syncJob };

/** Whether more comments may arrive. */
const isSending = (job) => job.phase === "importing" && !job.sync.complete;

function hint(job) {
  if (stateWord(job) === "stalled") return t("job.stalled_text");
  return isSending(job) ? [t("job.may_leave"), t("sync.when")].join(" ") : t("job.may_leave");
}

function verdict(job) {
  if (job.state === "failed") return failed(job);
  if (job.state === "cancelled") return notice("info", t("cancelled.title"), h("p", null, t("cancelled.sync_text")), toSites());
  if (job.state === "succeeded") return succeeded(job);
  return null;
}

function failed(job) {
  return notice(
    "bad",
    job.error?.message ?? t("failed.title"),
    h("p", null, adviceOnSync(job)),
    h("p", null, job.read.comments > 0 ? t("failed.sync_safe") : t("failed.sync_nothing")),
    toSites(),
  );
}

function succeeded(job) {
  const { created, updated, unchanged, skipped, failed: refused } = job.outcome;
  // The plugin skipped some of its comments.
  const lacks = job.findings.failed.site_sent_fewer > 0;
  const numbers = { announced: number(job.sync.announced ?? 0), read: number(job.read.comments) };
  return notice(
    lacks ? "warning" : "good",
    t("done.sync_title", { count: job.read.comments }),
    lacks && h("p", { "data-test": "sent-fewer" }, t("done.sent_fewer", numbers)),
    h("p", null, t("done.sync_text", { created, updated, unchanged })),
    skipped + refused > 0 && h("p", null, t("done.left_out", { count: skipped + refused })),
    h("p", null, h("a", { href: to("pages") }, t("done.look"))),
    toSites(),
  );
}

const toSites = () => isAdmin() && h("p", null, h("a", { href: to("sites"), "data-test": "to-sites" }, t("sites.look")));
