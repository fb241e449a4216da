// The account's pages, with the comments merged on them.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { to } from "../core/router.js";
import { button } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { empty, loading, problemNotice } from "../parts/notice.js";

const AT_ONCE = 50;
const TYPING = 250;

export function pagesPage({ refresh, signal }) {
  const state = { pages: null, next: null, search: "", problem: null };
  let asked = 0;
  let timer = null;

  async function load(cursor = "") {
    asked += 1;
    const mine = asked;
    try {
      const page = await get("pages", { search: state.search, cursor, limit: AT_ONCE }, signal);
      // A later search has replaced this one.
      if (mine !== asked) return;
      state.pages = cursor === "" ? page.pages : [...state.pages, ...page.pages];
      state.next = page.next;
      state.problem = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.problem = problem;
    }
    refresh();
  }

  function search(text, pause) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      state.search = text.trim();
      load();
    }, pause);
  }

  function searchBox() {
    const submit = (event) => {
      event.preventDefault();
      search(event.target.querySelector("input").value, 0);
    };
    return h(
      "form",
      { class: "search", role: "search", onsubmit: submit, "data-key": "search" },
      h("label", { for: "search", class: "unseen" }, t("pages.search")),
      icon("search"),
      h("input", {
        id: "search",
        type: "search",
        placeholder: t("pages.search"),
        autocomplete: "off",
        oninput: (event) => search(event.target.value, TYPING),
      }),
    );
  }

  /** Actions for all pages, once there are any. */
  function tools() {
    if (state.pages === null || (state.pages.length === 0 && !state.search)) return null;
    return h(
      "div",
      { class: "actions", "data-key": "tools" },
      h("a", { class: "button button-plain", href: to("export"), "data-test": "export" }, icon("export"), t("pages.export")),
      h("a", { class: "button button-plain", href: to("move"), "data-test": "move" }, icon("move"), t("pages.move")),
    );
  }

  function list() {
    if (state.pages === null) return state.problem === null ? loading() : null;
    if (state.pages.length === 0) {
      if (state.search) return empty(t("pages.none_such", { search: state.search }), "");
      const link = h("a", { class: "button button-primary", href: to("import") }, t("import.nav"));
      return empty(t("pages.none"), t("pages.none_text"), link);
    }
    return h("ul", { class: "page-list" }, ...state.pages.map(line));
  }

  load();
  return {
    title: () => t("pages.title"),
    view: () => [
      h("div", { class: "heading" }, h("h1", { tabindex: "-1" }, t("pages.title")), searchBox()),
      problemNotice(state.problem),
      tools(),
      list(),
      state.next && button("plain", t("common.more"), () => load(state.next), { class: "button button-plain more" }),
    ],
  };
}

function line(page) {
  return h(
    "li",
    { class: "page-line", "data-key": page.id },
    h(
      "div",
      { class: "page-what" },
      h("a", { class: "page-title", href: to("pages", page.id) }, page.title || page.url_id),
      h("p", { class: "quiet page-url" }, page.url_id),
      variants(page),
    ),
    h("p", { class: "page-count" }, h("strong", null, number(page.comments)), " ", t("pages.comments", { count: page.comments })),
  );
}

/** The addresses that were merged into a page, if there are several. */
export function variants(page) {
  const count = page.url_count ?? 0;
  if (count < 2) return null;
  return h(
    "details",
    { class: "fold variants" },
    h("summary", null, t("pages.variants", { count })),
    h(
      "ul",
      null,
      ...page.urls.map((url) => h("li", null, url)),
      count > page.urls.length && h("li", { class: "quiet" }, t("pages.variants_more", { count: count - page.urls.length })),
    ),
  );
}
