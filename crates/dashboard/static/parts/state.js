// The kind and the state of a job, in words.

import { h } from "../core/dom.js";
import { has, t } from "../core/i18n.js";
import { kindOfJob, wordOf } from "../core/kinds.js";
import { nameOf } from "../core/vendors.js";

/** Whether the job no longer changes, apart from the file that it may have. */
export const isOver = (job) => ["succeeded", "failed", "cancelled"].includes(job.state);

/**
 * Whether the job waits for the linked site: it has read everything received, and more is to come.
 */
export function awaitsSite(job) {
  if (!job.sync || job.sync.complete || job.error) return false;
  return job.state === "running" && job.phase === "importing" && job.progress.slices_done >= job.progress.slices_total;
}

/**
 * The name of the state, including two conditions that users need to see: stalled and cancelling.
 */
export function stateWord(job) {
  if (isOver(job)) return job.state;
  if (job.cancel_requested) return "cancelling";
  if (awaitsSite(job)) return "awaiting";
  if (job.stalled) return "stalled";
  if (job.state === "queued" && job.phase === "uploading") return "uploading";
  if (job.state === "running" && job.check && !job.checked) return "checking";
  return job.state === "running" ? kindOfJob(job).working : job.state;
}

export function badge(job) {
  const word = stateWord(job);
  return h("span", { class: `badge badge-${word}` }, t(`state.${word}`));
}

export const kindName = (kind) => (has(`kind.${kind}`) ? t(`kind.${kind}`) : kind);

export const titleOf = (job) => kindOfJob(job).title(job);

/** Vendor and site: "Disqus · larchwood". */
export function sourceOf(job) {
  // The title names the site.
  if (job.sync) return t("sites.plugin");
  const more = job.origins.length - 1;
  const site = job.site_needed ? null : more > 0 ? t("job.and_more", { site: job.origin, count: more }) : job.origin;
  return [job.vendor && nameOf(job.vendor), site].filter(Boolean).join(" · ");
}

/** The queue position of a job, if known. */
export function placeOf(job) {
  if (job.state !== "queued" || job.phase === "uploading" || typeof job.queue_place !== "number") return null;
  return job.queue_place === 0 ? t("job.place_next") : t("job.place", { count: job.queue_place });
}

/** The question asked before a job is cancelled. */
export const cancelWords = (job) => ({
  title: t("cancel.title"),
  text: t(`cancel.${wordOf(job)}`, { name: titleOf(job) }),
  action: t("cancel.action"),
});
