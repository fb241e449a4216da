// Asks before something is done that many notice. The browser's own dialog keeps the focus inside and gives it back.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { button } from "./fields.js";

/** Whether the reader agrees. `kind` of button and the word for no are those of what destroys something, unless given. */
export function confirm({ title, text, action, kind = "danger", refuse = t("common.keep") }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "dialog-title", onclose: () => answer(dialog.returnValue === "yes") },
      h("h2", { id: "dialog-title" }, title),
      h("p", null, text),
      h(
        "div",
        { class: "actions" },
        button(kind, action, () => dialog.close("yes"), { "data-test": "agree" }),
        button("plain", refuse, () => dialog.close("no"), { autofocus: true }),
      ),
    );
    function answer(agreed) {
      dialog.remove();
      resolve(agreed);
    }
    document.body.append(dialog);
    dialog.showModal();
  });
}
