// The events of a job, with their times.

import { h } from "../core/dom.js";
import { bytes, clock, has, t } from "../core/i18n.js";
import { kindOfJob, wordOf } from "../core/kinds.js";
import { nameOf } from "../core/vendors.js";

/** The values for the placeholders in the catalogue's sentence. */
function valuesOf(job, entry) {
  return {
    name: job.started_by,
    size: bytes(job.progress.bytes_stored),
    text: entry.text,
    vendor: nameOf(job.vendor),
    // "recognised as Disqus: root element disqus, 12 threads, 40 posts"
    evidence: entry.text.replace(/^[^:]*: /, ""),
    ...kindOfJob(job).values(job),
  };
}

function sentence(job, entry) {
  const isSaid = job.timeline.some((other) => other.event === "fault" && other.text === entry.text);
  if (entry.event === "failed" && isSaid) return t("state.failed");
  // Some events have a different meaning for other kinds of jobs.
  const own = `timeline.${wordOf(job)}_${entry.event}`;
  const key = has(own) ? own : `timeline.${entry.event}`;
  return has(key) ? t(key, valuesOf(job, entry)) : entry.text;
}

export function timeline(job) {
  return h(
    "section",
    { class: "panel", "aria-labelledby": "timeline-title", "data-key": "timeline" },
    h("h2", { id: "timeline-title" }, t("timeline.title")),
    h(
      "ol",
      { class: "timeline" },
      ...job.timeline.map((entry) =>
        h(
          "li",
          { class: `event-${entry.event}` },
          h("time", { datetime: entry.at }, clock(entry.at)),
          h("span", null, sentence(job, entry)),
        ),
      ),
    ),
  );
}
