// The sign-in page.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { parts } from "../core/router.js";
import * as session from "../core/session.js";
import { textField } from "../parts/fields.js";
import { logo } from "../parts/icons.js";
import { notice } from "../parts/notice.js";

export function signInPage({ refresh }) {
  const state = { problem: null, isBusy: false };

  async function submit(event) {
    event.preventDefault();
    const field = event.target.querySelector("input");
    const text = field.value.trim();
    if (text === "") return field.focus();
    Object.assign(state, { problem: null, isBusy: true });
    refresh();
    try {
      await session.signIn(text.startsWith("rl_") ? { link: text } : { token: text });
    } catch (problem) {
      Object.assign(state, { problem, isBusy: false });
      refresh();
      field.select();
    }
  }

  /** Why this page is shown. */
  function why() {
    if (state.problem) return notice("bad", words());
    if (session.reason()) return notice("info", t(session.reason()));
    return parts()[0] === "link" && notice("info", t("link.sign_in"));
  }

  const words = () => (state.problem?.status === 401 ? t("sign_in.refused") : state.problem?.text);

  return {
    title: () => t("sign_in.title"),
    view: () => [
      h("div", { class: "front-brand" }, logo(), h("span", null, "Rethread")),
      h(
        "div",
        { class: "panel front-panel" },
        h("h1", { tabindex: "-1" }, t("sign_in.title")),
        why(),
        h(
          "form",
          { onsubmit: submit },
          textField("token", t("sign_in.token"), t("sign_in.hint"), {
            type: "password",
            "aria-invalid": state.problem ? "true" : null,
            required: true,
          }),
          h("button", { type: "submit", class: "button button-primary button-wide", disabled: state.isBusy }, t("sign_in.action")),
        ),
        h(
          "details",
          { class: "fold" },
          h("summary", null, t("sign_in.how")),
          h(
            "div",
            { class: "fold-body" },
            h("p", null, t("sign_in.how_link")),
            h("pre", null, "rethread token link --account default --name me"),
            h("p", null, t("sign_in.how_token")),
            h("pre", null, "rethread token create --account default --name me"),
          ),
        ),
      ),
    ],
  };
}
