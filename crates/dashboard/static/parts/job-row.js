// A job in the list.

import { h } from "../core/dom.js";
import { ago, dateTime, t } from "../core/i18n.js";
import { kindOfJob } from "../core/kinds.js";
import { to } from "../core/router.js";
import { isAdmin } from "../core/session.js";
import { button } from "./fields.js";
import { progress } from "./progress.js";
import { badge, isOver, kindName, sourceOf, titleOf } from "./state.js";

export function jobRow(job, cancel) {
  const mayCancel = isAdmin() && !isOver(job) && !job.cancel_requested && job.phase !== "finishing";
  return h(
    "li",
    { class: "job", "data-key": job.id },
    h(
      "div",
      { class: "job-what" },
      h("p", { class: "job-title" }, h("a", { href: to("jobs", job.id) }, titleOf(job)), badge(job)),
      h("p", { class: "quiet job-meta" }, ...meta(job).map((text) => h("span", null, text))),
    ),
    h("div", { class: "job-how" }, isOver(job) || job.state === "waiting" ? result(job) : progress(job)),
    h(
      "div",
      { class: "job-when" },
      h("time", { class: "quiet", datetime: job.created_at, title: dateTime(job.created_at) }, ago(job.created_at)),
      mayCancel && button("quiet", t("cancel.action"), () => cancel(job), { "aria-label": t("cancel.of", { name: titleOf(job) }) }),
    ),
  );
}

function meta(job) {
  return [
    kindName(job.kind),
    sourceOf(job),
    t("job.by", { name: job.started_by }),
    isAdmin() ? null : job.account,
    job.dry_run && !job.check && t("job.dry"),
  ].filter(Boolean);
}

/** The result of a resting job. */
export function result(job) {
  if (job.state === "failed") return h("p", { class: "job-error" }, job.error?.message ?? t("failed.title"));
  return kindOfJob(job).result(job);
}
