// Tells screen readers what changed elsewhere on the page: states, never counts, so that it does not chatter.

let last = "";

export function announce(text) {
  if (text === last) return;
  last = text;
  document.getElementById("announcements").textContent = text;
}
