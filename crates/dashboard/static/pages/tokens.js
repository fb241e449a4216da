// The account's tokens.

import { get, post, remove } from "../core/api.js";
import { copied } from "../core/clipboard.js";
import { h } from "../core/dom.js";
import { ago, date, t } from "../core/i18n.js";
import { confirm } from "../parts/dialog.js";
import { button, selectField, textField } from "../parts/fields.js";
import { loading, notice, problemNotice } from "../parts/notice.js";

const DAY = 86_400_000;
const LIFETIMES = ["30", "90", "365", ""];

export function tokensPage({ refresh, signal }) {
  const state = { tokens: null, made: null, lifetime: "90", problem: null, isCopied: false };

  async function attempt(work) {
    try {
      await work();
      state.problem = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.problem = problem;
    }
    refresh();
  }

  const load = () =>
    attempt(async () => {
      state.tokens = (await get("tokens", {}, signal)).tokens;
    });

  function create(event) {
    event.preventDefault();
    const field = event.target.querySelector("input");
    const name = field.value.trim();
    if (name === "") return field.focus();
    const days = Number(state.lifetime);
    return attempt(async () => {
      const ends = days > 0 ? { expires_at: new Date(Date.now() + days * DAY).toISOString() } : {};
      state.made = await post("tokens", { name, ...ends });
      state.isCopied = false;
      field.value = "";
      await load();
    });
  }

  async function revoke(token) {
    const agreed = await confirm({
      title: t("tokens.revoke_title"),
      text: t("tokens.revoke_text", { name: token.name }),
      action: t("tokens.revoke"),
    });
    if (agreed) await attempt(() => remove(`tokens/${encodeURIComponent(token.id)}`).then(load));
  }

  async function copy() {
    state.isCopied = await copied(state.made.token);
    refresh();
  }

  function made() {
    if (state.made === null) return null;
    return notice(
      "good",
      t("tokens.made", { name: state.made.name }),
      h("p", null, t("tokens.once")),
      h(
        "div",
        { class: "secret" },
        h("code", { "data-test": "token" }, state.made.token),
        button("plain", state.isCopied ? t("tokens.copied") : t("tokens.copy"), copy),
      ),
    );
  }

  function form() {
    const lifetimes = LIFETIMES.map((days) => [days, days === "" ? t("tokens.never") : t("tokens.days", { count: Number(days) })]);
    return h(
      "form",
      { class: "panel token-form", onsubmit: create, "aria-labelledby": "new-token", "data-key": "form" },
      h("h2", { id: "new-token" }, t("tokens.new")),
      textField("name", t("tokens.name"), t("tokens.name_hint"), { required: true, maxlength: 100 }),
      selectField("lifetime", t("tokens.lifetime"), null, lifetimes, state.lifetime, (value) => {
        state.lifetime = value;
      }),
      h("button", { type: "submit", class: "button button-primary" }, t("tokens.create")),
    );
  }

  function list() {
    if (state.tokens === null) return state.problem === null ? loading() : null;
    return h("ul", { class: "token-list", "data-key": "list" }, ...state.tokens.map(line));
  }

  function line(token) {
    const { name } = token;
    const isExpired = token.expires_at !== null && new Date(token.expires_at) < new Date();
    const word = token.revoked_at ? "revoked" : isExpired ? "expired" : "valid";
    const said = [
      t(`role.${token.role}`),
      t("tokens.created", { date: date(token.created_at) }),
      token.revoked_at ? t("tokens.revoked_at", { date: date(token.revoked_at) }) : expiry(token),
      token.last_used_at ? t("tokens.used", { ago: ago(token.last_used_at) }) : t("tokens.unused"),
    ];
    return h(
      "li",
      { class: `token token-${word}`, "data-key": token.id },
      h(
        "div",
        null,
        h(
          "p",
          { class: "job-title" },
          h("strong", null, name),
          h("span", { class: `badge badge-${word}` }, t(`tokens.${word}`)),
        ),
        h("p", { class: "quiet job-meta" }, ...said.map((text) => h("span", null, text))),
        h("p", { class: "quiet mono" }, `rt_${token.id}_…`),
      ),
      word === "valid" &&
        button("plain", t("tokens.revoke"), () => revoke(token), { "aria-label": t("tokens.revoke_of", { name }) }),
    );
  }

  load();
  return {
    title: () => t("tokens.title"),
    view: () => [
      h("h1", { tabindex: "-1" }, t("tokens.title")),
      h("p", { class: "lead" }, t("tokens.lead")),
      problemNotice(state.problem),
      made(),
      form(),
      list(),
    ],
  };
}

const expiry = (token) => (token.expires_at ? t("tokens.expires", { date: date(token.expires_at) }) : t("tokens.expires_never"));
