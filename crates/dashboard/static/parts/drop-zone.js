// The area to drop or choose a file. The label is the large area; the input receives
// keyboard focus.

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
        // Allows choosing the same file again.
        event.target.value = "";
      },
    }),
    h("label", { for: "file", class: "button button-primary" }, t("import.choose")),
    h("p", { class: "hint", id: "file-hint" }, t("import.hint")),
  );
}
