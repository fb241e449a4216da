// The upload of this browser tab, one at a time. It continues while other pages of the dashboard
// are shown.

import { keep, recall } from "./storage.js";
import { current } from "./session.js";
import { Upload, end } from "./tus.js";
import { fingerprint } from "./fingerprint.js";

const KEPT = "upload";

let upload = null;
let pace = null;
const watchers = new Set();

export const active = () => upload;

/** Calls `watcher` on every change. Returns a function that unsubscribes it. */
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/**
 * An upload of this account that a reload or a closed window interrupted: {file_name, size, url,
 * print, wanted}.
 */
export function interrupted() {
  const kept = recall(KEPT);
  return upload === null && kept !== null && kept.account === current()?.account ? kept : null;
}

/** Starts to upload `file`. `wanted` holds the answers to the vendor's questions. */
export async function begin(file, wanted) {
  const metadata = { ...wanted, file_name: file.name };
  const print = await fingerprint(file);
  return start(new Upload(file, metadata, null, changed), print, wanted);
}

/** Resumes the interrupted upload, if `file` is the same file. */
export async function goOn(file) {
  const kept = interrupted();
  if (kept === null || (await fingerprint(file)) !== kept.print) return false;
  start(new Upload(file, {}, kept.url, changed), kept.print, kept.wanted);
  return true;
}

function start(begun, print, wanted) {
  upload = begun;
  upload.print = print;
  upload.wanted = wanted;
  return send();
}

export const pause = () => upload?.pause();

export async function send() {
  pace = { at: Date.now(), sent: null };
  await upload.run();
}

/** Abandons the upload and deletes what the server has of it. */
export async function abandon() {
  const url = upload?.url ?? interrupted()?.url;
  upload?.pause();
  forget();
  if (url) await end(url);
}

/** Forgets an upload that has ended. */
export function forget() {
  upload = null;
  keep(KEPT, null);
  for (const watcher of watchers) watcher();
}

function changed() {
  if (upload === null) return;
  if (upload.state === "done") keep(KEPT, null);
  else if (upload.url !== null) remember();
  if (pace !== null && pace.sent === null && upload.sent > 0) pace = { at: Date.now(), sent: upload.sent };
  for (const watcher of watchers) watcher();
}

let remembered = null;

function remember() {
  if (remembered === upload.url) return;
  remembered = upload.url;
  keep(KEPT, {
    account: current()?.account,
    url: upload.url,
    print: upload.print,
    file_name: upload.file.name,
    size: upload.file.size,
    wanted: upload.wanted,
  });
}

/** Bytes per second, and remaining seconds, since the last start; null while unknown. */
export function speed() {
  const seconds = pace === null ? 0 : (Date.now() - pace.at) / 1000;
  if (upload?.state !== "sending" || pace?.sent === null || seconds < 1 || upload.sent <= pace.sent) {
    return { rate: null, remaining: null };
  }
  const rate = (upload.sent - pace.sent) / seconds;
  return { rate, remaining: (upload.file.size - upload.sent) / rate };
}
