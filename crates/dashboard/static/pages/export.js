// Exports comments: choose the format and the comments.

import { post } from "../core/api.js";
import { beginOf, endOf } from "../core/days.js";
import { h } from "../core/dom.js";
import { FORMATS, formatName } from "../core/formats.js";
import { t } from "../core/i18n.js";
import { go } from "../core/router.js";
import { vendorChoices } from "../core/vendors.js";
import { checkField, choiceField, selectField, textField } from "../parts/fields.js";
import { problemNotice } from "../parts/notice.js";

const STATUSES = ["approved", "pending", "spam", "deleted"];

/** `id`: the key of a page, if only its comments are exported. */
export function exportPage({ refresh, signal, id = "" }) {
  const state = { format: FORMATS[0], gzip: false, isUnfolded: id !== "", problem: null, isBusy: false };
  const filter = { page: id, vendor: "", origin: "", from: "", until: "" };
  const statuses = new Set();

  /** The request to the API, without empty fields. */
  function wanted() {
    const only = {
      page: filter.page.trim(),
      vendor: filter.vendor,
      origin: filter.origin.trim(),
      from: beginOf(filter.from),
      until: endOf(filter.until),
    };
    const given = Object.fromEntries(Object.entries(only).filter(([, value]) => value));
    const status = STATUSES.filter((word) => statuses.has(word));
    return { format: state.format, gzip: state.gzip, filter: { ...given, ...(status.length > 0 && { status }) } };
  }

  /** Whether the days are in the wrong order, so that the file would be empty. */
  const isReversed = () => filter.from !== "" && filter.until !== "" && filter.until < filter.from;

  async function submit(event) {
    event.preventDefault();
    if (state.isBusy) return;
    if (isReversed()) {
      Object.assign(state, { problem: { text: t("export.reversed") }, isUnfolded: true });
      refresh();
      return;
    }
    Object.assign(state, { problem: null, isBusy: true });
    refresh();
    try {
      const { id: job } = await post("exports", wanted());
      if (!signal.aborted) go("jobs", job);
    } catch (problem) {
      Object.assign(state, { problem, isBusy: false });
      refresh();
    }
  }

  const typed = (name) => ({
    value: filter[name],
    oninput: (event) => {
      filter[name] = event.target.value;
    },
  });

  function formats() {
    const choices = FORMATS.map((format) => [format, formatName(format), t(`format.${format}`)]);
    return choiceField("format", t("export.format"), choices, state.format, (format) => {
      state.format = format;
    });
  }

  function only() {
    const vendors = [["", t("export.any_vendor")], ...vendorChoices()];
    const invalid = { "aria-invalid": isReversed() ? "true" : null };
    return h(
      "details",
      {
        class: "fold",
        "data-key": "only",
        open: state.isUnfolded,
        ontoggle: (event) => {
          state.isUnfolded = event.currentTarget.open;
        },
      },
      h("summary", null, t("export.only")),
      h(
        "div",
        { class: "fold-body" },
        textField("page", t("export.page"), t("export.page_hint"), typed("page")),
        selectField("vendor", t("export.vendor"), null, vendors, filter.vendor, (vendor) => {
          filter.vendor = vendor;
        }),
        textField("origin", t("export.origin"), t("export.origin_hint"), typed("origin")),
        h(
          "div",
          { class: "pair", "data-key": "days" },
          textField("from", t("export.from"), null, { ...typed("from"), ...invalid, type: "date", max: "9999-12-30" }),
          textField("until", t("export.until"), null, { ...typed("until"), ...invalid, type: "date", max: "9999-12-30" }),
          h("p", { class: "hint" }, t("export.days_hint")),
        ),
        statusField(),
      ),
    );
  }

  function statusField() {
    const line = (word) =>
      checkField(`status-${word}`, t(`status.${word}`), null, statuses.has(word), (isChosen) => {
        if (isChosen) statuses.add(word);
        else statuses.delete(word);
      });
    return h(
      "fieldset",
      { class: "choices", "data-key": "statuses", "aria-describedby": "status-hint" },
      h("legend", null, t("export.status")),
      h("div", { class: "marks" }, ...STATUSES.map(line)),
      h("p", { class: "hint", id: "status-hint" }, t("export.status_hint")),
    );
  }

  return {
    title: () => t("export.title"),
    view: () => [
      h("h1", { tabindex: "-1" }, t("export.title")),
      h("p", { class: "lead" }, t("export.lead")),
      h(
        "form",
        { class: "panel", onsubmit: submit, "aria-label": t("export.title"), "data-key": "form" },
        formats(),
        checkField("gzip", t("export.gzip"), t("export.gzip_hint"), state.gzip, (isChosen) => {
          state.gzip = isChosen;
        }),
        only(),
        problemNotice(state.problem),
        h(
          "div",
          { class: "actions" },
          h("button", { type: "submit", class: "button button-primary", disabled: state.isBusy, "data-test": "export" }, t("export.begin")),
        ),
        h("p", { class: "hint" }, t("export.hint")),
      ),
    ],
  };
}
