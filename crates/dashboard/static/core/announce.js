// Announces changes elsewhere on the page to screen readers: states, but never counts, which would
// be too noisy.

let last = "";

export function announce(text) {
  if (text === last) return;
  last = text;
  document.getElementById("announcements").textContent = text;
}
