// A client of the public HTTP API.

import { has, t } from "./i18n.js";

const ROOT = "/api/v1/";

let csrf = null;
let signedOut = () => {};

/** Sets the value that requests with the session's cookie need to change something. */
export const useCsrf = (value) => {
  csrf = value;
};

export const csrfHeaders = () => (csrf === null ? {} : { "x-csrf-token": csrf });

/** Calls `callback` when the server reports that the session has ended. */
export const onSignedOut = (callback) => {
  signedOut = callback;
};

/** An error response: the server's problem document, or `offline` without a response. */
export class Problem extends Error {
  constructor(kind, status = 0, detail = "", retryAfter = 0) {
    super(detail || kind);
    this.kind = kind;
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** Whether a retry may succeed soon. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }

  /** A sentence for people. */
  get text() {
    const key = `problem.${this.kind}`;
    return has(key) ? t(key) : this.detail || t("problem.other", { status: this.status });
  }
}

/** The problem in an error response; `header` reads one of its headers. */
export function problemOf(status, text, header) {
  let document = {};
  try {
    document = JSON.parse(text);
  } catch {
    // A proxy on the way answered instead of the API.
  }
  const kind = String(document.type ?? "").split(":").pop() || "other";
  const problem = new Problem(kind, status, document.detail, Number(header("retry-after")) || 0);
  if (status === 401 && kind === "unauthenticated") signedOut();
  return problem;
}

export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const parameters = new URLSearchParams(given).toString();
  return ROOT + path + (parameters ? `?${parameters}` : "");
}

async function ask(method, path, { query, body, headers, signal } = {}) {
  let answer;
  try {
    answer = await fetch(address(path, query), {
      method,
      body,
      signal,
      headers: { accept: "application/json", ...(method === "GET" ? {} : csrfHeaders()), ...headers },
      credentials: "same-origin",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("offline");
  }
  const text = await answer.text();
  if (!answer.ok) throw problemOf(answer.status, text, (name) => answer.headers.get(name));
  return text === "" ? null : JSON.parse(text);
}

export const get = (path, query, signal) => ask("GET", path, { query, signal });

export const remove = (path, headers) => ask("DELETE", path, { headers });

export function post(path, value, query) {
  if (value === undefined) return ask("POST", path, { query });
  return ask("POST", path, { query, body: JSON.stringify(value), headers: { "content-type": "application/json" } });
}

/** Sends bytes. */
export const postBytes = (path, query, body, signal) =>
  ask("POST", path, { query, body, signal, headers: { "content-type": "application/octet-stream" } });
