// The session of the signed-in user.

import { get, onSignedOut, post, remove, useCsrf } from "./api.js";
import { loadVendors } from "./vendors.js";

let session = null;
let note = null;
let changed = () => {};

/** The session: account, name, role, expires_at; null when signed out. */
export const current = () => session;

/** Why the user was signed out: a key of the catalogue. */
export const reason = () => note;

export const isAdmin = () => session?.role === "admin";

/** Calls `callback` at every sign-in and sign-out. */
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

/** Every page of a signed-in user may name a vendor. */
async function enter(value) {
  await loadVendors();
  become(value);
}

/**
 * Restores the session of the browser's cookie, if there is one; otherwise `why` is the reason for
 * being signed out.
 */
export async function restore(why = null) {
  try {
    await enter(await get("session"));
  } catch (problem) {
    become(null, problem.status === 401 ? why : "session.unreachable");
  }
}

/** Signs in with `{token}` or `{link}`. */
export const signIn = async (secret) => await enter(await post("session", secret));

export async function signOut() {
  await remove("session");
  become(null, "session.signed_out");
}
