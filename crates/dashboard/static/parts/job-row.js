// A job in the list.

import { h } from "../core/dom.js";
import { ago, bytes, dateTime, t } from "../core/i18n.js";
import { to } from "../core/router.js";
import { isAdmin } from "../core/session.js";
import { button } from "./fields.js";
import { progress } from "./progress.js";
import { downloadLink, fileState } from "./exported.js";
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
  if (job.export) return exported(job);
  if (job.move) return moved(job.move.moved);
  const { created, updated, unchanged } = (job.state === "waiting" && job.checked ? job.checked : job).outcome;
  if (job.state === "waiting") return h("p", null, t("job.waiting", { count: created }));
  if (job.state === "cancelled" && created + updated + unchanged === 0) return h("p", { class: "quiet" }, t("job.nothing"));
  return h("p", null, t("job.result", { created, updated, unchanged }));
}

function exported(job) {
  if (job.state === "cancelled") return h("p", { class: "quiet" }, t("export.no_file"));
  const count = h("p", null, t("job.exported", { count: job.export.written.tally.comments }));
  if (fileState(job) === "expired") return [count, h("p", { class: "quiet" }, t("export.expired"))];
  return [count, isAdmin() && downloadLink(job, "quiet", { "aria-label": t("export.download_of", { name: titleOf(job), size: bytes(job.export.written.bytes) }) })];
}

const moved = ({ threads, comments }) =>
  threads === 0 ? h("p", { class: "quiet" }, t("move.nothing")) : h("p", null, t("job.moved", { count: comments }));
