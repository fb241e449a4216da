// The steps to link a WordPress site.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { button } from "./fields.js";
import { notice } from "./notice.js";

/** The plugin's option for the address of its service. */
const OPTION = "fastcomments_site";

/** `copy` copies this server's address; `isCopied` tells whether it did. */
export function siteSteps(isCopied, copy) {
  const server = h(
    "div",
    { class: "secret" },
    h("code", { "data-test": "server" }, location.origin),
    button("plain", isCopied ? t("tokens.copied") : t("tokens.copy"), copy, { "aria-describedby": "option-step" }),
  );
  return h(
    "section",
    { class: "panel", "aria-labelledby": "steps-title", "data-key": "steps" },
    h("h2", { id: "steps-title" }, t("sites.how")),
    h(
      "ol",
      { class: "points" },
      h("li", null, t("sites.step_install")),
      h(
        "li",
        null,
        h("p", { id: "option-step" }, t("sites.step_option", { option: OPTION })),
        server,
        h("p", { class: "quiet" }, t("sites.by_command")),
        h("pre", null, `wp option update ${OPTION} ${location.origin}`),
      ),
      h("li", null, t("sites.step_open")),
      h("li", null, t("sites.step_accept")),
    ),
    h("p", { class: "hint" }, t("sync.when")),
    notice("warning", t("sites.widget")),
  );
}
