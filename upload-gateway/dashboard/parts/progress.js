// How far a job is: a bar, and what it means.

import { h } from "../core/dom.js";
import { bytes, duration, percent, t } from "../core/i18n.js";
import * as pace from "../core/pace.js";
import { placeOf, stateWord } from "./state.js";

/** The phases in which comments are counted. */
const AT_WORK = ["importing", "exporting", "moving"];

/** A bar; `fraction` null for one whose end is not known. */
export function bar(fraction, label) {
  return h("progress", { class: "bar", max: 1, value: fraction, "aria-label": label });
}

function fractionOf(job) {
  const { bytes_total: total, bytes_read: read } = job.progress;
  if (job.phase === "finishing") return 1;
  return job.phase === "importing" && total > 0 ? Math.min(1, read / total) : null;
}

/** Bar and line of a job that has not ended and is not waiting for its admin. */
export function progress(job) {
  const fraction = fractionOf(job);
  const isHeld = job.state === "queued" && job.phase !== "uploading";
  return h(
    "div",
    { class: "progress" },
    !isHeld && bar(fraction, t("job.progress")),
    h("p", { class: "progress-line" }, ...lineOf(job, fraction)),
  );
}

/** How much is done, where nobody can say of how much. */
function counted(job) {
  if (job.move) return [t("job.comments_moved", { count: job.move.moved.comments })];
  if (!job.export) return [t("job.comments_read", { count: job.read.comments })];
  const { tally, bytes: size } = job.export.written;
  return [t("job.comments_written", { count: tally.comments }), bytes(size)];
}

function lineOf(job, fraction) {
  const said = [];
  if (stateWord(job) === "stalled") said.push(t("job.stalled"));
  const place = placeOf(job);
  if (place !== null) said.push(place);
  else if (job.phase === "uploading") said.push(t("job.received", { size: bytes(job.progress.bytes_stored) }));
  else if (job.phase === "planning") said.push(t("phase.planning"));
  else if (job.phase === "finishing" && job.kind === "import") said.push(t("phase.finishing"));
  if (AT_WORK.includes(job.phase) && job.state === "running") {
    if (fraction !== null) said.push(percent(fraction));
    said.push(...counted(job));
    const { rate, remaining } = pace.of(job);
    if (rate !== null && !job.stalled) said.push(t("job.rate", { rate: Math.round(rate) }));
    if (remaining !== null && !job.stalled) said.push(t("job.remaining", { time: duration(remaining) }));
  }
  return said.map((text) => h("span", null, text));
}
