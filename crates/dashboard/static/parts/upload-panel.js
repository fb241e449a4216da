// An upload in progress.

import { h } from "../core/dom.js";
import { bytes, duration, percent, t } from "../core/i18n.js";
import * as transfer from "../core/transfer.js";
import { button } from "./fields.js";
import { notice, problemNotice } from "./notice.js";
import { bar } from "./progress.js";
import { confirm } from "./dialog.js";

export function uploadPanel(upload) {
  const { file, sent, state } = upload;
  const fraction = file.size === 0 ? 0 : sent / file.size;
  return h(
    "section",
    { class: "panel upload", "aria-labelledby": "upload-title", "data-key": "upload" },
    h("h2", { id: "upload-title" }, t(`upload.${state}`)),
    h("p", { class: "upload-file" }, file.name),
    bar(fraction, t("upload.progress")),
    h("p", { class: "progress-line" }, ...line(upload, fraction).map((text) => h("span", null, text))),
    state === "lost" && notice("warning", t("upload.lost_text")),
    state === "failed" && problemNotice(upload.problem),
    state === "paused" && h("p", { class: "hint" }, t("upload.paused_text")),
    h("div", { class: "actions" }, ...actions(state)),
  );
}

function line({ file, sent }, fraction) {
  const { rate, remaining } = transfer.speed();
  return [
    percent(Math.floor(fraction * 100) / 100),
    t("upload.amount", { sent: bytes(sent), total: bytes(file.size) }),
    rate !== null && t("upload.rate", { rate: bytes(rate) }),
    remaining !== null && t("job.remaining", { time: duration(remaining) }),
  ].filter(Boolean);
}

function actions(state) {
  const made = [];
  if (state === "sending") made.push(button("plain", t("upload.pause"), transfer.pause, { "data-key": "pause" }));
  if (state === "paused" || state === "lost") made.push(button("primary", t("upload.resume"), resume, { "data-key": "go" }));
  if (state === "failed") made.push(button("plain", t("upload.again"), resume, { "data-key": "go" }));
  if (state !== "done") made.push(button("quiet", t("upload.abandon"), abandon, { "data-key": "abandon" }));
  return made;
}

function resume() {
  const upload = transfer.active();
  // An upload that waits for the connection retries at once.
  if (upload.wake) upload.wake();
  else transfer.send();
}

/** Asks for confirmation, then deletes what the server has. */
export async function abandon() {
  const agreed = await confirm({
    title: t("upload.abandon_title"),
    text: t("upload.abandon_text"),
    action: t("upload.abandon"),
  });
  // If the server cannot be reached now, it deletes the upload when it expires.
  if (agreed) await transfer.abandon().catch(() => {});
}
