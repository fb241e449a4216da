// The parts specific to an export: its file, its content, what the format could not represent, and
// the options.

import { dayFrom, dayUntil } from "../../core/days.js";
import { h } from "../../core/dom.js";
import { formatName } from "../../core/formats.js";
import { bytes, dateTime, has, number, t, utcDay, utcTime } from "../../core/i18n.js";
import { to } from "../../core/router.js";
import { isAdmin } from "../../core/session.js";
import { nameOf } from "../../core/vendors.js";
import { downloadLink, fileState } from "../../parts/exported.js";
import { button } from "../../parts/fields.js";
import { notice } from "../../parts/notice.js";
import { terms } from "../../parts/receipt.js";
import { isOver, titleOf } from "../../parts/state.js";
import { exportPage } from "../export.js";

/** The longest delay that a browser's timer supports. */
const LONGEST_WAIT = 2 ** 31 - 1;

export function exportJob({ signal, start, load }) {
  let timer = null;
  signal.addEventListener("abort", () => clearTimeout(timer));

  /** Loads the job again when the file expires: a job that has ended sends no more events. */
  function changed(before, job) {
    clearTimeout(timer);
    if (fileState(job) !== "offered") return;
    const left = Date.parse(job.export.written.file.expires_at) - Date.now();
    timer = setTimeout(load, Math.min(left + 1, LONGEST_WAIT));
  }

  const again = (job, isBusy) =>
    isAdmin() && button("plain", t("export.again"), () => start("exports", job.export.options), { disabled: isBusy, "data-test": "again" });

  function verdict(job, isBusy) {
    if (job.state === "failed") return failed(job, again(job, isBusy));
    if (job.state === "cancelled") {
      return notice("info", t("cancelled.export_title"), h("p", null, t("export.no_file")), again(job, isBusy));
    }
    if (fileState(job) === "expired") {
      const text = t("export.expired_text", { date: dateTime(job.export.written.file.expires_at) });
      return notice("info", t("export.expired"), h("p", null, text), again(job, isBusy));
    }
    return fileState(job) === "offered" ? ready(job) : null;
  }

  return {
    changed,
    verdict,
    steps: () => null,
    hint: (job) => (job.stalled ? t("job.stalled_text") : t("job.may_leave")),
    sections: (job) => [contents(job), losses(job), wanted(job)],
  };
}

/** See `core/kinds.js`. */
export const exportKind = {
  working: "exporting",
  title: (job) => t("job.export", { format: formatName(job.export.options.format) }),
  result,
  counted: ({ export: { written } }) => [
    t("job.comments_written", { count: written.tally.comments }),
    bytes(written.bytes),
  ],
  done: ({ export: { written } }) => ({ amount: written.bytes, total: null, comments: written.tally.comments }),
  values: (job) => ({ size: bytes(job.export.written.bytes) }),
  page: exportJob,
  form: exportPage,
};

function result(job) {
  if (job.state === "cancelled") return h("p", { class: "quiet" }, t("export.no_file"));
  const { tally, bytes: count } = job.export.written;
  const line = h("p", null, t("job.exported", { count: tally.comments }));
  if (fileState(job) === "expired") return [line, h("p", { class: "quiet" }, t("export.expired"))];
  const label = t("export.download_of", { name: titleOf(job), size: bytes(count) });
  return [line, isAdmin() && downloadLink(job, "quiet", { "aria-label": label })];
}

function ready(job) {
  const { tally, file } = job.export.written;
  return h(
    "section",
    { class: "panel panel-strong", "aria-labelledby": "file-title", "data-key": "file" },
    h("h2", { id: "file-title" }, t("export.ready")),
    h("p", { class: "lead" }, t("export.ready_text", { count: tally.comments })),
    tally.comments === 0 && notice("warning", t("export.empty"), h("p", null, t("export.empty_text"))),
    isAdmin() && h("div", { class: "actions" }, downloadLink(job, "primary", { "data-test": "download" })),
    h("p", { class: "hint" }, t("export.expires", { date: dateTime(file.expires_at) })),
    h(
      "details",
      { class: "fold" },
      h("summary", null, t("export.checksum")),
      h("div", { class: "fold-body" }, h("p", { class: "quiet" }, t("export.checksum_text")), h("pre", null, file.sha256)),
    ),
  );
}

function failed(job, again) {
  const advice = `export_advice.${job.error?.code}`;
  return notice(
    "bad",
    job.error?.message ?? t("failed.title"),
    h("p", null, has(advice) ? t(advice) : t("export_advice.other")),
    h("p", null, t("export.failed_text")),
    again,
  );
}

function contents(job) {
  const { tally, bytes: size } = job.export.written;
  if (tally.comments === 0) return null;
  return h(
    "section",
    { class: "panel", "aria-labelledby": "contents-title", "data-key": "contents" },
    h("h2", { id: "contents-title" }, isOver(job) ? t("export.contents") : t("receipt.so_far")),
    terms([
      [t("receipt.comments"), number(tally.comments)],
      [t("receipt.threads"), number(tally.threads)],
      [t("receipt.pages"), number(tally.pages)],
      [t("export.size"), bytes(size)],
    ]),
  );
}

function losses(job) {
  const { tally } = job.export.written;
  const lost = Object.entries(tally.losses).filter(([, count]) => count > 0);
  if (tally.comments === 0 || (lost.length === 0 && !isOver(job))) return null;
  const line = ([word, count]) =>
    h("tr", { "data-key": word }, h("th", { scope: "row" }, t(`loss.${word}`)), h("td", null, number(count)));
  const format = formatName(job.export.options.format);
  return h(
    "section",
    { class: "panel", "aria-labelledby": "losses-title", "data-key": "losses" },
    h("h2", { id: "losses-title" }, t("export.losses")),
    lost.length === 0
      ? h("p", { class: "quiet" }, t("export.no_losses"))
      : [
          h("p", { class: "quiet" }, t("export.losses_text", { format })),
          h("table", { class: "sum losses" }, h("caption", { class: "unseen" }, t("export.losses")), h("tbody", null, ...lost.map(line))),
        ],
  );
}

/** The admin's options, without those left empty. */
function wanted(job) {
  const { format, gzip, filter = {} } = job.export.options;
  const chosen = [
    [t("export.format"), gzip ? t("export.packed", { format: formatName(format) }) : formatName(format)],
    filter.page && [t("export.page"), h("span", { class: "mono" }, filter.page)],
    filter.vendor && [t("export.vendor"), nameOf(filter.vendor)],
    filter.origin && [t("export.origin"), filter.origin],
    filter.from && (dayFrom(filter.from) ? [t("export.from"), utcDay(filter.from)] : [t("export.from_time"), utcTime(filter.from)]),
    filter.until && (dayUntil(filter.until) ? [t("export.until"), utcDay(dayUntil(filter.until))] : [t("export.until_time"), utcTime(filter.until)]),
    filter.status?.length > 0 && [t("export.status"), filter.status.map((word) => t(`status.${word}`)).join(", ")],
  ];
  const isAll = chosen.filter(Boolean).length === 1;
  return h(
    "section",
    { class: "panel", "aria-labelledby": "wanted-title", "data-key": "wanted" },
    h("h2", { id: "wanted-title" }, t("export.wanted")),
    terms(chosen, "chosen"),
    isAll && h("p", { class: "quiet" }, t("export.all")),
    h("p", null, h("a", { href: to("export") }, t("export.another"))),
  );
}
