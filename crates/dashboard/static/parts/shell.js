// The frame of every page: name, navigation, account.

import { h } from "../core/dom.js";
import { LANGUAGES, choose, current, percent, t } from "../core/i18n.js";
import { to } from "../core/router.js";
import * as session from "../core/session.js";
import * as transfer from "../core/transfer.js";
import { button } from "./fields.js";
import { icon, logo } from "./icons.js";

const PAGES = ["import", "export", "jobs", "pages", "tokens"];

/** Pages that belong to a page in the navigation. */
const ABOVE = { link: "import", move: "pages", sites: "import" };

/** `name`: the current page's name; `main`: its content. */
export function shell(name, main) {
  if (session.current() === null) return [h("div", { class: "front", "data-key": "front" }, main, languages("front"))];
  return [
    h("a", { class: "skip", href: "#main", "data-key": "skip", onclick: skip }, t("shell.skip")),
    h(
      "div",
      { class: "frame", "data-key": "frame" },
      h("header", { class: "top" }, h("a", { class: "brand", href: to() }, logo(), "Rethread"), account()),
      navigation(name),
      h("div", { class: "content" }, transferLine(name), main),
    ),
  ];
}

/** The fragment of the address belongs to the router, so the skip link is handled here. */
function skip(event) {
  event.preventDefault();
  document.querySelector("main h1")?.focus();
}

function navigation(name) {
  const pages = session.isAdmin() ? PAGES : ["jobs"];
  const links = pages.map((page) =>
    h(
      "li",
      null,
      h("a", { href: to(page), "aria-current": page === (ABOVE[name] ?? name) ? "page" : null }, icon(page), h("span", null, t(`${page}.nav`))),
    ),
  );
  return h("nav", { class: "nav", "aria-label": t("shell.navigation") }, h("ul", null, ...links));
}

function account() {
  const { name, account: of, role } = session.current();
  return h(
    "details",
    { class: "account", onfocusout: fold, onkeydown: escape },
    h(
      "summary",
      { "aria-label": t("shell.account_of", { name, account: of }) },
      icon("account"),
      h("span", null, name, h("small", null, of)),
    ),
    h(
      "div",
      { class: "account-menu" },
      h("p", { class: "account-name" }, name),
      h("p", { class: "quiet" }, `${t("shell.account")}: `, h("strong", { "data-test": "account" }, of), ` · ${t(`role.${role}`)}`),
      languages("menu"),
      button("plain", t("session.sign_out"), () => session.signOut().catch(() => session.restore()), { "data-test": "sign-out" }),
    ),
  );
}

function fold(event) {
  const menu = event.currentTarget;
  // A click on something that cannot be focused, such as the menu's text, leaves the menu open.
  if (event.relatedTarget !== null && !menu.contains(event.relatedTarget)) menu.open = false;
}

function escape(event) {
  if (event.key !== "Escape") return;
  event.currentTarget.open = false;
  event.currentTarget.querySelector("summary").focus();
}

function languages(place) {
  const id = `language-${place}`;
  const options = Object.entries(LANGUAGES).map(([tag, name]) =>
    h("option", { value: tag, lang: tag, selected: tag === current() }, name),
  );
  return h(
    "div",
    { class: "languages" },
    h("label", { for: id }, t("shell.language")),
    h("select", { id, onchange: (event) => choose(event.target.value) }, ...options),
  );
}

/** An upload that continues while another page is shown. */
function transferLine(name) {
  const upload = transfer.active();
  if (upload === null || upload.state === "done" || name === "import") return null;
  const done = upload.file.size === 0 ? 0 : Math.floor((upload.sent / upload.file.size) * 100) / 100;
  const text = t(`shell.${upload.state}`, { name: upload.file.name, done: percent(done) });
  return h("a", { class: "transfer", href: to("import"), "data-key": "transfer" }, icon("import"), h("span", null, text));
}
