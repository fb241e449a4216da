// A page's comments, arranged as conversations.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { to } from "../core/router.js";
import { flattened } from "../core/thread.js";
import { comment } from "../parts/comment.js";
import { button } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { empty, loading, problemNotice } from "../parts/notice.js";
import { variants } from "./pages.js";

const AT_ONCE = 100;
const ELSEWHERE = { rel: "noreferrer noopener", target: "_blank" };

export function pagePage({ refresh, signal, id }) {
  const state = { page: null, comments: [], next: null, problem: null, isLoading: true };

  async function load(cursor = "") {
    state.isLoading = true;
    refresh();
    try {
      const found = await get(`pages/${id}/comments`, { cursor, limit: AT_ONCE }, signal);
      // If the page changes meanwhile, a comment may be returned twice.
      const known = new Set(state.comments.map((one) => one.id));
      state.comments.push(...found.comments.filter((one) => !known.has(one.id)));
      state.page = found.page;
      state.next = found.next;
      state.problem = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.problem = problem;
    }
    state.isLoading = false;
    refresh();
  }

  async function showWhole(cut) {
    try {
      const whole = await get(cut.whole.replace(/^\/api\/v1\//, ""), {}, signal);
      state.comments = state.comments.map((one) => (one.id === whole.id ? whole : one));
      state.problem = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.problem = problem;
    }
    refresh();
  }

  const titleOf = () => (state.page === null ? t("page.title") : state.page.title || state.page.url_id);

  function head({ page }) {
    const reactions = Object.entries(page.reactions ?? {});
    const counts = [
      t("page.comments", { count: page.comments }),
      ...reactions.map(([word, count]) => t("page.reaction", { word, count })),
    ];
    return [
      h("p", { class: "page-url" }, page.url ? h("a", { href: page.url, ...ELSEWHERE }, page.url) : page.url_id),
      h("p", { class: "quiet job-meta" }, ...counts.map((text) => h("span", null, text))),
      variants(page),
      h(
        "div",
        { class: "actions page-tools" },
        h("a", { class: "button button-plain", href: to("export", page.url_id) }, icon("export"), t("page.export")),
        h("a", { class: "button button-plain", href: to("move", page.url_id), "data-test": "move" }, icon("move"), t("page.move")),
      ),
    ];
  }

  function conversation() {
    if (state.comments.length === 0) return state.page !== null && empty(t("page.none"), "");
    return h("ol", { class: "thread" }, ...flattened(state.comments).map((entry) => comment(entry, showWhole)));
  }

  load();
  return {
    title: titleOf,
    view: () => [
      h(
        "div",
        { "data-key": "head" },
        h("p", { class: "crumbs" }, h("a", { href: to("pages") }, icon("back"), t("pages.title"))),
        h("h1", { tabindex: "-1" }, titleOf()),
      ),
      state.page && h("div", { class: "page-head" }, head(state)),
      problemNotice(state.problem),
      conversation(),
      state.isLoading && loading(),
      !state.isLoading && state.next && button("plain", t("page.more"), () => load(state.next), { class: "button button-plain more" }),
    ],
  };
}
