// Who is signed in.

import { get, onSignedOut, post, remove, useCsrf } from "./api.js";

let session = null;
let note = null;
let changed = () => {};

/** The session: account, name, role, expires_at; null when nobody is signed in. */
export const current = () => session;

/** Why nobody is signed in any more: a key of the catalogue. */
export const reason = () => note;

export const isAdmin = () => session?.role === "admin";

/** Calls `callback` whenever somebody signs in or out. */
export function begin(callback) {
  changed = callback;
  onSignedOut(() => {
    if (session !== null) become(null, "session.expired");
  });
}

function become(value, why = null) {
  session = value;
  note = why;
  useCsrf(value?.csrf ?? null);
  changed();
}

/** Takes up the session that the browser's cookie holds, if it does; else `why` says why nobody is signed in. */
export async function restore(why = null) {
  try {
    become(await get("session"));
  } catch (problem) {
    become(null, problem.status === 401 ? why : "session.unreachable");
  }
}

/** Signs in with `{token}` or `{link}`. */
export const signIn = async (secret) => become(await post("session", secret));

export async function signOut() {
  await remove("session");
  become(null, "session.signed_out");
}
