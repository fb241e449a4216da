// How to get the file from each vendor, and what is imported from it.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { vendorChoices } from "../core/vendors.js";

/** The help for one vendor. */
export function helpFor(vendor) {
  return h(
    "div",
    { class: "help" },
    h("p", null, t(`help.${vendor}.get`)),
    h("p", { class: "quiet" }, t(`help.${vendor}.not`)),
  );
}

/** The help for all vendors, each in a section that can be expanded. */
export function helpForAll() {
  return h(
    "section",
    { class: "panel", "aria-labelledby": "help-title", "data-key": "help" },
    h("h2", { id: "help-title" }, t("help.title")),
    h("p", { class: "quiet" }, t("help.about")),
    h(
      "div",
      { class: "folds" },
      ...vendorChoices().map(([vendor, products]) =>
        h("details", { class: "fold", "data-key": vendor }, h("summary", null, products), helpFor(vendor)),
      ),
    ),
  );
}
