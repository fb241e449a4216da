// Icons drawn for this dashboard on a grid of 24. They are decorative: the text beside them says
// the same.

import { h } from "../core/dom.js";

const PATHS = {
  import: "M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3",
  export: "M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M4 16v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2",
  move: "M4 12h15m0 0l-5-5m5 5l-5 5",
  jobs: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  pages: "M7 3h7l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm7 0v5h5M9 13h6M9 17h4",
  sites: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM3.5 9h17M3.5 15h17M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
  tokens: "M14.5 9.5a5 5 0 1 1-3-3L20 3M20 3v4h-3v3h-2.5M8 13h.01",
  file: "M7 3h7l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm7 0v5h5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6L6 18",
  warning: "M12 9v4m0 3.5h.01M10.3 4.2L2.8 17.5A2 2 0 0 0 4.5 20.5h15a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0z",
  info: "M12 11v5m0-8.5h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  search: "M20 20l-4.2-4.2M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0z",
  download: "M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M4 16v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2",
  back: "M15 5l-7 7 7 7",
  reply: "M10 8L5 12.5 10 17m-5-4.5h9a5 5 0 0 1 5 5V19",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.5 8.5a7.5 7.5 0 0 1 15 0",
};

export function icon(name, label = null) {
  const said = label === null ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  return h("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", focusable: "false", ...said }, h("path", { d: PATHS[name] }));
}

export function logo() {
  return h(
    "svg",
    { class: "logo", viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    h("path", { class: "logo-ground", d: "M9 0h14a9 9 0 0 1 9 9v14a9 9 0 0 1-9 9H9a9 9 0 0 1-9-9V9a9 9 0 0 1 9-9z" }),
    h("path", { class: "logo-line", d: "M9 10h9.5a4.5 4.5 0 0 1 0 9H13m0 0 4-4m-4 4 4 4" }),
  );
}
