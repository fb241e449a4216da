// What a job is doing, in words.

import { h } from "../core/dom.js";
import { nameOf } from "../core/vendors.js";
import { t } from "../core/i18n.js";

/** Whether the job will not change any more. */
export const isOver = (job) => ["succeeded", "failed", "cancelled"].includes(job.state);

/** A word for the state, with the exceptions that people want to see: stalled, cancelling. */
export function stateWord(job) {
  if (isOver(job)) return job.state;
  if (job.cancel_requested) return "cancelling";
  if (job.stalled) return "stalled";
  if (job.state === "queued" && job.phase === "uploading") return "uploading";
  if (job.state === "running" && job.check && !job.checked) return "checking";
  return job.state;
}

export function badge(job) {
  const word = stateWord(job);
  return h("span", { class: `badge badge-${word}` }, t(`state.${word}`));
}

export const titleOf = (job) => job.file_name ?? t("job.unnamed", { kind: t(`kind.${job.kind}`) });

/** Vendor and site: "Disqus · larchwood". */
export function sourceOf(job) {
  return [job.vendor && nameOf(job.vendor), job.origin].filter(Boolean).join(" · ");
}

/** Where a queued job stands, if that is known. */
export function placeOf(job) {
  if (job.state !== "queued" || job.phase === "uploading" || typeof job.queue_place !== "number") return null;
  return job.queue_place === 0 ? t("job.place_next") : t("job.place", { count: job.queue_place });
}
