// The page for an unknown address.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { to } from "../core/router.js";
import { empty } from "../parts/notice.js";

export function missingPage() {
  return {
    title: () => t("missing.title"),
    view: () => [
      h("h1", { tabindex: "-1" }, t("missing.title")),
      empty(t("missing.text"), "", h("a", { class: "button button-primary", href: to("jobs") }, t("missing.jobs"))),
    ],
  };
}
