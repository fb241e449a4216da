// What happened to a job, and when.

import { h } from "../core/dom.js";
import { bytes, clock, has, t } from "../core/i18n.js";

/** What the catalogue's sentence is filled with. */
function valuesOf(job, entry) {
  return { name: job.started_by, size: bytes(job.progress.bytes_stored), text: entry.text };
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
          h("span", null, has(`timeline.${entry.event}`) ? t(`timeline.${entry.event}`, valuesOf(job, entry)) : entry.text),
        ),
      ),
    ),
  );
}
