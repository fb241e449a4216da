// How fast a job is, and how long it will take: by what was seen of it lately, or else since its reading began.

const WINDOW = 20_000;
const ENOUGH = 2_000;

const seen = new Map();

/** Notes where a job stands. */
export function note(job) {
  if (job.state !== "running") {
    seen.delete(job.id);
    return;
  }
  const now = Date.now();
  const samples = (seen.get(job.id) ?? []).filter((sample) => now - sample.at < WINDOW);
  samples.push({ at: now, bytes: job.progress.bytes_read, comments: job.read.comments });
  seen.set(job.id, samples);
}

/** Comments a second, and seconds to go; null where nobody can tell yet. */
export function of(job) {
  const span = recent(job) ?? sinceBegin(job);
  if (span === null || span.seconds <= 0) return { rate: null, remaining: null };
  const bytesPerSecond = span.bytes / span.seconds;
  const left = job.progress.bytes_total - job.progress.bytes_read;
  return {
    rate: span.comments > 0 ? span.comments / span.seconds : null,
    remaining: bytesPerSecond > 0 && left >= 0 ? left / bytesPerSecond : null,
  };
}

function recent(job) {
  const samples = seen.get(job.id) ?? [];
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (first === undefined || last.at - first.at < ENOUGH || last.bytes === first.bytes) return null;
  return {
    seconds: (last.at - first.at) / 1000,
    bytes: last.bytes - first.bytes,
    comments: last.comments - first.comments,
  };
}

function sinceBegin(job) {
  const planned = job.timeline.findLast((entry) => entry.event === "planned");
  if (planned === undefined) return null;
  const seconds = (new Date(job.updated_at) - new Date(planned.at)) / 1000;
  return { seconds, bytes: job.progress.bytes_read, comments: job.read.comments };
}
