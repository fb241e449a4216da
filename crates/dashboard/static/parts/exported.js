// The file of an export: its state, and how to download it.

import { address } from "../core/api.js";
import { h } from "../core/dom.js";
import { bytes, t } from "../core/i18n.js";
import { icon } from "./icons.js";

/** The state of the file: "offered", "expired", or null if there is none. */
export function fileState(job) {
  const file = job.export?.written.file;
  if (!file || job.state !== "succeeded") return null;
  // The janitor deletes expired files at intervals; the server refuses the download as soon as a
  // file has expired.
  return file.deleted_at === null && Date.parse(file.expires_at) > Date.now() ? "offered" : "expired";
}

/** A link that downloads the file. */
export function downloadLink(job, kind, attributes = {}) {
  const target = address(`jobs/${job.id}/file`);
  const text = t("export.download", { size: bytes(job.export.written.bytes) });
  return h("a", { class: `button button-${kind}`, href: target, download: "", ...attributes }, icon("download"), text);
}
