// Where a file is dropped or chosen. The label is the large area, the input is what the keyboard reaches.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { icon } from "./icons.js";

export function dropZone(title, choose) {
  const over = (event, isOver) => {
    event.preventDefault();
    event.currentTarget.classList.toggle("drop-over", isOver);
  };
  const take = (file) => file && choose(file);
  return h(
    "div",
    {
      class: "drop",
      "data-key": "drop",
      ondragover: (event) => over(event, true),
      ondragleave: (event) => over(event, false),
      ondrop: (event) => {
        over(event, false);
        take(event.dataTransfer.files[0]);
      },
    },
    icon("import"),
    h("p", { class: "drop-title" }, title),
    h("input", {
      type: "file",
      id: "file",
      class: "drop-input",
      "aria-describedby": "file-hint",
      onchange: (event) => {
        take(event.target.files[0]);
        // So that the same file can be chosen again.
        event.target.value = "";
      },
    }),
    h("label", { for: "file", class: "button button-primary" }, t("import.choose")),
    h("p", { class: "hint", id: "file-hint" }, t("import.hint")),
  );
}
