// Asks for confirmation before an action that affects many people. The browser's native dialog
// traps the focus and restores it.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { button } from "./fields.js";

/** Whether the user agrees. The defaults of `kind` and `refuse` suit a destructive action. */
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
