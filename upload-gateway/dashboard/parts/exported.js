// The file of an export: what became of it, and how it is had.

import { address } from "../core/api.js";
import { h } from "../core/dom.js";
import { bytes, t } from "../core/i18n.js";
import { icon } from "./icons.js";

/** What became of the file: "offered", "expired", or null where there is none. */
export function fileState(job) {
  const file = job.export?.written.file;
  if (!file || job.state !== "succeeded") return null;
  // The janitor comes by now and then; the server gives the file to nobody once its time is over.
  return file.deleted_at === null && Date.parse(file.expires_at) > Date.now() ? "offered" : "expired";
}

/** A link that saves the file. */
export function downloadLink(job, kind, attributes = {}) {
  const target = address(`jobs/${job.id}/file`);
  const text = t("export.download", { size: bytes(job.export.written.bytes) });
  return h("a", { class: `button button-${kind}`, href: target, download: "", ...attributes }, icon("download"), text);
}
