// Estimates the speed and the remaining time of a job from recent progress or, without that, from
// the time since reading began.

import { kindOfJob } from "./kinds.js";

const WINDOW = 20_000;
const ENOUGH = 2_000;

const seen = new Map();

/** The progress of a job so far. */
const done = (job) => kindOfJob(job).done(job);

/** Records the progress of a job. */
export function note(job) {
  if (job.state !== "running") {
    seen.delete(job.id);
    return;
  }
  const now = Date.now();
  const samples = (seen.get(job.id) ?? []).filter((sample) => now - sample.at < WINDOW);
  const { amount, comments } = done(job);
  samples.push({ at: now, amount, comments });
  seen.set(job.id, samples);
}

/** Comments per second, and remaining seconds; null while unknown. */
export function of(job) {
  const span = recent(job) ?? sinceBegin(job);
  if (span === null || span.seconds <= 0) return { rate: null, remaining: null };
  const perSecond = span.amount / span.seconds;
  const { amount, total } = done(job);
  const isForeseen = total !== null && total >= amount && perSecond > 0;
  return {
    rate: span.comments > 0 ? span.comments / span.seconds : null,
    remaining: isForeseen ? (total - amount) / perSecond : null,
  };
}

function recent(job) {
  const samples = seen.get(job.id) ?? [];
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (first === undefined || last.at - first.at < ENOUGH || last.amount === first.amount) return null;
  return {
    seconds: (last.at - first.at) / 1000,
    amount: last.amount - first.amount,
    comments: last.comments - first.comments,
  };
}

function sinceBegin(job) {
  const planned = job.timeline.findLast((entry) => entry.event === "planned");
  if (planned === undefined) return null;
  const seconds = (new Date(job.updated_at) - new Date(planned.at)) / 1000;
  const { amount, comments } = done(job);
  return { seconds, amount, comments };
}
