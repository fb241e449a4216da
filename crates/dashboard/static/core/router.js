// Selects the page by the part of the address after `#`, which never reaches the server.

/** The address of a page. */
export const to = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;

export function go(...parts) {
  location.hash = to(...parts);
}

/** The parts of the address: ["jobs", "0193…"]. */
export function parts() {
  return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * The secret of a one-time link (`#link=rl_…`). Removes it from the address and the history at
 * once.
 */
export function takeLink() {
  const found = location.hash.match(/^#link=(.+)$/);
  if (found === null) return null;
  history.replaceState(null, "", location.pathname);
  return decoded(found[1]);
}
