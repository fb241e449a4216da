// Moves comments to another address or page: choose the source and the target, see the effect,
// then move.

import { announce } from "../core/announce.js";
import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { number, t } from "../core/i18n.js";
import { placeName, placeOf } from "../core/places.js";
import { go, to } from "../core/router.js";
import { confirm } from "../parts/dialog.js";
import { button, choiceField, selectField, textField } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { movedTerms } from "../parts/moved.js";
import { empty, problemNotice } from "../parts/notice.js";

const KINDS = ["domain", "url", "url_id"];
const EXAMPLES = { domain: "blog.example", url: "https://blog.example/hello", url_id: "blog.example/hello" };

/** `id`: the key of a page, if that page is to be moved. */
export function movePage({ refresh, signal, id = "" }) {
  const state = { kind: id === "" ? "domain" : "url_id", toKind: "url", from: id, to: "", seen: null, problem: null, isBusy: false };
  /** Increases with every input, so that an outdated preview is not shown. */
  let version = 0;

  const kindOfTo = () => (state.kind === "domain" ? "domain" : state.toKind);
  const wanted = () => ({ from: placeOf(state.kind, state.from), to: placeOf(kindOfTo(), state.to) });

  function change(name, value) {
    state[name] = value;
    version += 1;
    const isStale = state.seen !== null || state.problem !== null;
    Object.assign(state, { seen: null, problem: null });
    if (isStale || name === "kind" || name === "toKind") refresh();
  }

  async function attempt(work) {
    Object.assign(state, { problem: null, isBusy: true });
    refresh();
    try {
      await work();
    } catch (problem) {
      state.problem = problem;
    }
    state.isBusy = false;
    refresh();
  }

  function preview(event) {
    event.preventDefault();
    if (state.isBusy) return undefined;
    const mine = version;
    const rule = wanted();
    return attempt(async () => {
      const found = await post("moves", rule, { preview: true });
      if (mine !== version) return;
      state.seen = { ...found, rule };
      announce(summary(found.tally));
    });
  }

  async function move() {
    const { rule, tally } = state.seen;
    const words = { from: placeName(rule.from), to: placeName(rule.to), comments: t("page.comments", { count: tally.comments }) };
    const agreed = await confirm({
      title: t("move.confirm_title"),
      text: t("move.confirm_text", words),
      action: t("move.begin"),
      kind: "primary",
      refuse: t("common.not_now"),
    });
    if (!agreed) return;
    await attempt(async () => {
      const { id: job } = await post("moves", rule);
      if (!signal.aborted) go("jobs", job);
    });
  }

  function form() {
    const kinds = KINDS.map((kind) => [kind, t(`move_kind.${kind}`), t(`move_kind.${kind}_hint`)]);
    const field = (name, kind, label) =>
      textField(name, label, null, {
        value: state[name],
        placeholder: EXAMPLES[kind],
        required: true,
        maxlength: 2000,
        oninput: (event) => change(name, event.target.value),
      });
    const toKinds = ["url", "url_id"].map((kind) => [kind, t(`move_to.as_${kind}`)]);
    return h(
      "form",
      { class: "panel", onsubmit: preview, "aria-label": t("move.title"), "data-key": "form" },
      choiceField("kind", t("move.what"), kinds, state.kind, (kind) => change("kind", kind)),
      field("from", state.kind, t(`move_from.${state.kind}`)),
      state.kind !== "domain" &&
        selectField("to_kind", t("move.to_kind"), t(`move_to.${state.toKind}_hint`), toKinds, state.toKind, (kind) => change("toKind", kind)),
      field("to", kindOfTo(), t(`move_to.${kindOfTo()}`)),
      problemNotice(state.problem),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "button button-primary", disabled: state.isBusy, "data-test": "preview" }, t("move.preview")),
      ),
      h("p", { class: "hint" }, t("move.preview_hint")),
    );
  }

  function seen() {
    if (state.seen === null) return null;
    const { tally, pages } = state.seen;
    if (tally.threads === 0) return empty(t("move.none"), t("move.none_text"));
    return h(
      "section",
      { class: "panel panel-strong", "aria-labelledby": "seen-title", "data-key": "seen" },
      h("h2", { id: "seen-title" }, t("move.seen")),
      h("p", { class: "lead" }, summary(tally)),
      movedTerms(tally),
      pages.length > 0 && table(pages),
      tally.pages > pages.length && pages.length > 0 && h("p", { class: "quiet" }, t("move.more", { count: tally.pages - pages.length })),
      h(
        "div",
        { class: "actions" },
        button("primary", t("move.begin"), move, { disabled: state.isBusy, "data-test": "move" }),
      ),
      h("p", { class: "hint" }, t("move.undo_hint")),
    );
  }

  return {
    title: () => t("move.title"),
    view: () => [
      h(
        "div",
        { "data-key": "head" },
        h("p", { class: "crumbs" }, h("a", { href: to("pages") }, icon("back"), t("pages.title"))),
        h("h1", { tabindex: "-1" }, t("move.title")),
      ),
      h("p", { class: "lead" }, t("move.lead")),
      form(),
      h("div", { "data-key": "preview" }, seen()),
    ],
  };
}

function summary({ threads, comments, pages }) {
  if (threads === 0) return t("move.none");
  return t("move.summary", { comments: t("page.comments", { count: comments }), pages: t("move.pages", { count: pages }) });
}

function table(pages) {
  const head = ["from", "to", "comments"].map((name) => h("th", { scope: "col" }, t(`move_column.${name}`)));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "seen-title" },
    h("table", { class: "table moves" }, h("thead", null, h("tr", null, ...head)), h("tbody", null, ...pages.map(line))),
  );
}

function line(page) {
  return h(
    "tr",
    null,
    h("td", null, page.from),
    h("td", { "data-label": "→" }, page.to, " ", page.merged && h("span", { class: "badge badge-merged" }, t("move.merges"))),
    h("td", { class: "number", "data-label": t("move_column.comments") }, number(page.comments)),
  );
}
