// The progress of a job: a bar and its explanation.

import { h } from "../core/dom.js";
import { bytes, dateTime, duration, percent, t } from "../core/i18n.js";
import { kindOfJob } from "../core/kinds.js";
import * as pace from "../core/pace.js";
import { awaitsSite, placeOf, stateWord } from "./state.js";

/** A progress bar; `fraction` is null when the total is unknown. */
export function bar(fraction, label) {
  return h("progress", { class: "bar", max: 1, value: fraction, "aria-label": label });
}

function fractionOf(job) {
  const { bytes_total: total, bytes_read: read } = job.progress;
  if (job.phase === "finishing") return 1;
  if (job.sync) return fractionOfSync(job);
  return job.phase === "importing" && total > 0 ? Math.min(1, read / total) : null;
}

/**
 * Measured in comments, since only the site knows the number of bytes; null before it has reported
 * how many are left.
 */
function fractionOfSync({ sync, read }) {
  const all = read.comments + sync.remaining;
  return sync.remaining === null || all === 0 ? null : read.comments / all;
}

/** The bar and text of a job that has not ended and does not wait for its admin. */
export function progress(job) {
  const fraction = fractionOf(job);
  const isQueued = job.state === "queued" && job.phase !== "uploading";
  // There is no progress before the site has sent something.
  const isHeld = isQueued || (fraction === null && awaitsSite(job));
  return h(
    "div",
    { class: "progress" },
    !isHeld && bar(fraction, t("job.progress")),
    h("p", { class: "progress-line" }, ...lineOf(job, fraction)),
  );
}

/** The steps of a job, with the current one marked. */
export function stepList(steps, current) {
  const at = steps.indexOf(current);
  return h(
    "ol",
    { class: "steps" },
    ...steps.map((step, number) =>
      h(
        "li",
        { class: number < at ? "step-done" : null, "aria-current": number === at ? "step" : null },
        t(`step.${step}`),
      ),
    ),
  );
}

function lineOfSync(job, fraction) {
  const { remaining, heard_at: heardAt, complete } = job.sync;
  return [
    stateWord(job) === "stalled" && t("job.stalled"),
    fraction !== null && percent(fraction),
    remaining > 0 && t("sync.left", { count: remaining }),
    remaining === null ? t("sync.nothing_yet") : kindOfJob(job).counted(job),
    !complete && t("sync.heard", { date: dateTime(heardAt) }),
  ];
}

function lineOf(job, fraction) {
  if (job.sync && job.phase === "importing") return asSpans(lineOfSync(job, fraction));
  const said = [];
  if (stateWord(job) === "stalled") said.push(t("job.stalled"));
  const place = placeOf(job);
  if (place !== null) said.push(place);
  else if (job.phase === "uploading") said.push(t("job.received", { size: bytes(job.progress.bytes_stored) }));
  else if (job.phase === "planning") said.push(t("phase.planning"));
  else if (job.phase === "finishing" && job.kind === "import") said.push(t("phase.finishing"));
  if (job.phase === kindOfJob(job).working && job.state === "running") {
    if (fraction !== null) said.push(percent(fraction));
    said.push(...kindOfJob(job).counted(job));
    const { rate, remaining } = pace.of(job);
    if (rate !== null && !job.stalled) said.push(t("job.rate", { rate: Math.round(rate) }));
    if (remaining !== null && !job.stalled) said.push(t("job.remaining", { time: duration(remaining) }));
  }
  return asSpans(said);
}

const asSpans = (said) => said.flat().filter(Boolean).map((text) => h("span", null, text));
