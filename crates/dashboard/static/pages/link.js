// A site's request to be linked: the plugin in WordPress sends its admin here, with the token that
// it generated.

import { announce } from "../core/announce.js";
import { get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { ago, dateTime, t } from "../core/i18n.js";
import { to } from "../core/router.js";
import * as session from "../core/session.js";
import { button } from "../parts/fields.js";
import { empty, loading, notice, problemNotice } from "../parts/notice.js";
import { terms } from "../parts/receipt.js";

const AGAIN_AFTER = 5_000;

/** `id`: the plugin's token. */
export function linkPage({ refresh, signal, id: token }) {
  const state = { asking: null, isGone: false, hasChanged: false, answer: null, problem: null, isBusy: false };
  let timer = null;
  signal.addEventListener("abort", () => clearTimeout(timer));

  async function load() {
    clearTimeout(timer);
    try {
      state.asking = await get("sites/asking", { token }, signal);
      state.problem = null;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (problem.status === 404) state.isGone = true;
      else state.problem = problem;
      if (problem.isPassing && !signal.aborted) timer = setTimeout(load, AGAIN_AFTER);
    }
    refresh();
  }

  /** Sends the admin's decision about the displayed site, and about no other. */
  async function answer(accept) {
    const { domain } = state.asking;
    Object.assign(state, { isBusy: true, problem: null, hasChanged: false });
    refresh();
    try {
      state.answer = await post("sites", { token, domain, accept });
      announce(words());
    } catch (problem) {
      await understand(problem, domain);
    }
    state.isBusy = false;
    refresh();
    // The buttons are gone or were disabled for a moment, so focus returns to the heading.
    if (!signal.aborted) document.querySelector("main h1")?.focus();
  }

  /** The site may have withdrawn its request, or changed its domain, in the meantime. */
  async function understand(problem, domain) {
    if (problem.status === 404) state.isGone = true;
    else if (problem.status === 409) {
      await load();
      state.hasChanged = state.asking.domain !== domain;
    }
    if (!state.isGone && !state.hasChanged) state.problem = problem;
  }

  function words() {
    const name = state.asking.domain;
    return state.answer.state === "linked" ? t("link.linked", { name }) : t("link.refused", { name });
  }

  function answered() {
    const sites = h("p", null, h("a", { href: to("sites"), "data-test": "to-sites" }, t("sites.look")));
    if (state.answer.state !== "linked") return notice("info", words(), h("p", null, t("link.refused_text")), sites);
    const { job } = state.answer.site;
    return notice(
      "good",
      words(),
      h("p", null, job === null ? t("link.linked_without") : t("link.linked_text")),
      job !== null && h("p", null, h("a", { href: to("jobs", job), "data-test": "to-job" }, t("link.watch"))),
      sites,
    );
  }

  function question() {
    const { domain, asked_at: askedAt, expires_at: expiresAt, without_sync: withoutSync, is_linked: isLinked } = state.asking;
    const since = h("time", { datetime: askedAt, title: dateTime(askedAt) }, ago(askedAt));
    return h(
      "section",
      { class: "panel panel-strong", "aria-labelledby": "asks-title", "data-key": "question" },
      h("h2", { id: "asks-title" }, t("link.asks")),
      terms(
        [
          [t("link.site"), h("strong", { "data-test": "domain" }, domain)],
          [t("shell.account"), session.current()?.account],
          [t("link.since"), since],
          [t("link.until"), dateTime(expiresAt)],
        ],
        "chosen",
      ),
      h("p", null, t("link.means")),
      h(
        "ul",
        { class: "points" },
        h("li", null, withoutSync ? t("link.means_no_sync") : t("link.means_in")),
        h("li", null, t("link.means_out")),
        h("li", null, t("link.means_revoke")),
        isLinked && h("li", { "data-test": "again" }, t("link.means_again")),
      ),
      notice("warning", t("sites.widget")),
      notice("warning", t("link.care")),
      problemNotice(state.problem),
      h(
        "div",
        { class: "actions" },
        button("primary", t("link.accept"), () => answer(true), { disabled: state.isBusy, "data-test": "accept" }),
        button("plain", t("link.refuse"), () => answer(false), { disabled: state.isBusy, "data-test": "refuse" }),
      ),
    );
  }

  function body() {
    if (state.answer !== null) return answered();
    if (state.isGone) {
      const sites = h("a", { class: "button button-plain", href: to("sites"), "data-test": "to-sites" }, t("sites.look"));
      return empty(t("link.gone"), t("link.gone_text"), sites);
    }
    if (state.asking === null) return state.problem === null ? loading() : problemNotice(state.problem);
    return [state.hasChanged && notice("bad", t("link.changed")), question()];
  }

  load();
  return {
    title: () => t("link.title"),
    view: () => [h("h1", { tabindex: "-1" }, t("link.title")), body()],
  };
}
