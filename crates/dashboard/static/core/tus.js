// A client for resumable uploads, tus 1.0: https://tus.io/protocols/resumable-upload
//
// A file is sent in chunks. After a lost connection, a pause or a reload, the client queries the
// offset from the server and sends the rest.

import { Problem, address, csrfHeaders, problemOf, remove } from "./api.js";

const VERSION = "1.0.0";
const CHUNK = 8 * 1024 * 1024;
/** A connection without any progress for this long is aborted. */
const SILENCE = 60_000;
const PAUSES = { first: 1000, longest: 30_000 };

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** A single upload. `changed` is called on every change of `state`, `sent` or `problem`. */
export class Upload {
  /** `url`: the address of an existing upload to resume, or null. */
  constructor(file, metadata, url, changed) {
    this.file = file;
    this.metadata = metadata;
    this.url = url;
    this.changed = changed;
    /** sending, lost (retrying), paused, done or failed. */
    this.state = "paused";
    /** Bytes on the server, as far as is known. */
    this.sent = 0;
    this.problem = null;
    this.request = null;
    this.wake = null;
    this.isRunning = false;
  }

  /** The last part of the upload's address, which is the id of the job. */
  get job() {
    return this.url === null ? null : this.url.split("/").pop();
  }

  pause() {
    this.become("paused");
    this.request?.abort();
    this.wake?.();
  }

  /** Sends until the file is complete, rejected for good, or paused. */
  async run() {
    if (this.isRunning || this.state === "done") return;
    this.isRunning = true;
    this.become("sending");
    let pause = PAUSES.first;
    while (this.state === "sending" || this.state === "lost") {
      try {
        await this.proceed(() => {
          pause = PAUSES.first;
        });
        if (this.state === "sending" && this.sent === this.file.size) this.become("done");
      } catch (problem) {
        if (this.state === "paused") break;
        if (!(problem instanceof Problem) || !mayWorkAgain(problem)) {
          this.problem = problem;
          this.become("failed");
          break;
        }
        this.become("lost");
        await this.sleep(Math.max(pause, problem.retryAfter * 1000));
        pause = Math.min(pause * 2, PAUSES.longest);
      }
    }
    this.isRunning = false;
  }

  async proceed(progressed) {
    if (this.url === null) await this.create();
    else this.sent = await this.offset();
    if (this.state !== "paused") this.become("sending");
    while (this.sent < this.file.size && this.state === "sending") {
      await this.send();
      progressed();
    }
  }

  async create() {
    const metadata = Object.entries(this.metadata).map(([name, value]) => `${name} ${base64(String(value))}`);
    const headers = { "upload-length": this.file.size, "upload-metadata": metadata.join(",") };
    const answer = await this.ask("POST", address("uploads"), headers, null);
    this.url = new URL(answer.getResponseHeader("location"), location.href).pathname;
    this.sent = 0;
    this.changed();
  }

  async offset() {
    const answer = await this.ask("HEAD", this.url, {}, null);
    return Number(answer.getResponseHeader("upload-offset"));
  }

  async send() {
    const begin = this.sent;
    const chunk = this.file.slice(begin, Math.min(begin + CHUNK, this.file.size));
    const headers = { "upload-offset": begin, "content-type": "application/offset+octet-stream" };
    const answer = await this.ask("PATCH", this.url, headers, chunk, (loaded) => {
      this.sent = begin + loaded;
      this.changed();
    });
    this.sent = Number(answer.getResponseHeader("upload-offset"));
    this.changed();
  }

  /** `XMLHttpRequest` is used because it reports the progress of a request body. */
  ask(method, url, headers, body, progressed = () => {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let silence = null;
      const hear = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE);
      };
      request.open(method, url);
      const all = { "tus-resumable": VERSION, ...csrfHeaders(), ...headers };
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        hear();
        progressed(event.loaded);
      };
      request.onloadend = () => {
        clearTimeout(silence);
        this.request = null;
        const { status } = request;
        if (status >= 200 && status < 300) resolve(request);
        else if (status === 0) reject(new Problem("offline"));
        else reject(problemOf(status, request.responseText, (name) => request.getResponseHeader(name)));
      };
      this.request = request;
      hear();
      request.send(body);
    });
  }

  /** Waits until the time is over, the connection is back, or the upload is paused. */
  sleep(milliseconds) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        window.removeEventListener("online", done);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      window.addEventListener("online", done);
      this.wake = done;
    });
  }

  become(state) {
    this.state = state;
    this.changed();
  }
}

/** Abandons an upload and deletes what the server has of it. */
export const end = (url) => remove(url.split("/api/v1/").pop(), { "tus-resumable": VERSION });

/**
 * 409: the server's offset differs from ours; 423: it is still writing data of the lost connection.
 */
function mayWorkAgain(problem) {
  return problem.isPassing || problem.status === 423 || (problem.status === 409 && problem.kind !== "job-state");
}
