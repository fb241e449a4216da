// Imports a file: choose it, see what it is, answer open questions, check or import.

import { announce } from "../core/announce.js";
import { postBytes } from "../core/api.js";
import { h } from "../core/dom.js";
import { bytes, t } from "../core/i18n.js";
import { go, parts, to } from "../core/router.js";
import * as transfer from "../core/transfer.js";
import { nameOf, parameters, vendorChoices } from "../core/vendors.js";
import { dropZone } from "../parts/drop-zone.js";
import { button, selectField } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { notice, problemNotice } from "../parts/notice.js";
import { questions } from "../parts/questions.js";
import { abandon, uploadPanel } from "../parts/upload-panel.js";
import { helpFor, helpForAll } from "../parts/vendor-help.js";

/** The number of bytes at the start of a file that the API examines. */
const LOOKED_AT = 64 * 1024;

export function importPage({ refresh, signal }) {
  const state = { file: null, found: null, isLooking: false, vendor: "", answers: {}, problem: null };

  async function choose(file) {
    Object.assign(state, { file: null, found: null, problem: null });
    if (file.size === 0) {
      state.problem = { text: t("import.is_empty") };
      return refresh();
    }
    if (await transfer.goOn(file)) return followed();
    if (transfer.interrupted() !== null) {
      state.problem = { text: t("import.other_file", { name: transfer.interrupted().file_name }) };
      return refresh();
    }
    Object.assign(state, { file, vendor: "", isLooking: true });
    refresh();
    await look(file);
  }

  async function look(file) {
    try {
      state.found = await postBytes("detect", { file_name: file.name }, file.slice(0, LOOKED_AT), signal);
      announce(state.found.vendor ? t("import.found", { vendor: nameOf(state.found.vendor) }) : t("import.unknown"));
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.problem = problem;
    }
    state.isLooking = false;
    refresh();
  }

  async function begin(check) {
    const wanted = parameters(state.vendor || state.found?.vendor || null, state.answers);
    // A detected vendor is only a guess, so it is not enforced: the planner sees the whole file.
    if (state.vendor === "") wanted.vendor = "auto";
    if (check) wanted.check = "true";
    const { file } = state;
    state.file = null;
    transfer.begin(file, wanted).catch((problem) => {
      state.problem = problem;
      refresh();
    });
    followed();
  }

  /**
   * Follows a started upload: opens its job at the end, unless the user has left the page by then.
   */
  function followed() {
    refresh();
    const stop = transfer.watch(() => {
      const upload = transfer.active();
      if (upload === null) return stop();
      if (upload.state !== "done") return undefined;
      stop();
      announce(t("upload.done"));
      const { job } = upload;
      transfer.forget();
      if ([undefined, "import"].includes(parts()[0])) go("jobs", job);
      return undefined;
    });
  }

  function view() {
    const upload = transfer.active();
    const heading = h("h1", { tabindex: "-1" }, t("import.title"));
    if (upload !== null) return [heading, uploadPanel(upload)];
    const kept = transfer.interrupted();
    const lead = h("p", { class: "lead" }, t("import.lead"));
    if (state.file !== null) return [heading, fileCard(), form()];
    return [
      heading,
      kept === null ? lead : interruptedNotice(kept),
      problemNotice(state.problem),
      dropZone(kept === null ? t("import.drop") : t("import.drop_again", { name: kept.file_name }), choose),
      otherWay(),
      helpForAll(),
    ];
  }

  /** The way to import comments without a file. */
  function otherWay() {
    return h(
      "a",
      { class: "panel other-way", href: to("sites"), "data-key": "sites", "data-test": "sites" },
      icon("sites"),
      h("span", null, h("strong", null, t("sites.plugin")), h("span", { class: "quiet" }, t("sites.offer"))),
    );
  }

  function interruptedNotice(kept) {
    return notice(
      "warning",
      t("import.interrupted", { name: kept.file_name, size: bytes(kept.size) }),
      h("p", null, t("import.interrupted_text")),
      button("plain", t("upload.abandon"), () => abandon().then(refresh)),
    );
  }

  function fileCard() {
    return h(
      "section",
      { class: "panel file-card", "data-key": "file" },
      icon("file"),
      h("div", null, h("p", { class: "file-name" }, state.file.name), h("p", { class: "quiet" }, bytes(state.file.size))),
      button("quiet", t("import.another"), () => {
        Object.assign(state, { file: null, found: null, problem: null });
        refresh();
      }),
    );
  }

  function detection() {
    if (state.isLooking) return h("p", { class: "quiet", "aria-busy": "true" }, t("import.looking"));
    if (state.problem !== null) return problemNotice(state.problem);
    const { vendor, evidence, sentence } = state.found ?? {};
    if (vendor) return notice("good", t("import.found", { vendor: nameOf(vendor) }), evidence && h("p", { class: "quiet" }, evidence));
    return notice("warning", t("import.unknown"), sentence && h("p", null, sentence));
  }

  function form() {
    const vendor = state.vendor || state.found?.vendor || "";
    const choices = [["", t("import.vendor_auto")], ...vendorChoices()];
    return h(
      "section",
      { class: "panel", "aria-labelledby": "options-title", "data-key": "options" },
      h("h2", { id: "options-title" }, t("import.options")),
      h("div", { "data-key": "detection" }, detection()),
      selectField("vendor", t("import.vendor"), t("import.vendor_hint"), choices, state.vendor, (value) => {
        state.vendor = value;
        refresh();
      }),
      questions(vendor, state.answers, refresh),
      h(
        "div",
        { class: "actions" },
        button("primary", t("import.check"), () => begin(true), { "data-test": "check" }),
        button("plain", t("import.import"), () => begin(false), { "data-test": "import" }),
      ),
      h("p", { class: "hint" }, t("import.check_hint")),
      vendor !== "" &&
        h(
          "details",
          { class: "fold", "data-key": `help-${vendor}` },
          h("summary", null, t("import.about", { vendor: nameOf(vendor) })),
          h("div", { class: "fold-body" }, helpFor(vendor)),
        ),
    );
  }

  if (transfer.active() !== null) followed();
  return { title: () => t("import.title"), view };
}
