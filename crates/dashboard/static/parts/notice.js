// Messages to the user: errors, hints, empty lists.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { icon } from "./icons.js";

/** `kind`: info, good, warning or bad. Bad ones are announced at once. */
export function notice(kind, title, ...more) {
  const picture = { info: "info", good: "check", warning: "warning", bad: "warning" }[kind];
  return h(
    "div",
    { class: `notice notice-${kind}`, role: kind === "bad" ? "alert" : null },
    icon(picture),
    h("div", { class: "notice-text" }, h("p", { class: "notice-title" }, title), ...more),
  );
}

export const problemNotice = (problem) => problem && notice("bad", problem.text ?? t("problem.internal"));

export function empty(title, text, ...actions) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), h("p", { class: "quiet" }, text), ...actions);
}

export const loading = () => h("p", { class: "loading quiet", "aria-busy": "true" }, t("common.loading"));
