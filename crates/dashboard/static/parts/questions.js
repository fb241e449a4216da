// Questions about what the vendor's files omit.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { questionsOf } from "../core/vendors.js";
import { areaField, checkField, selectField, textField } from "./fields.js";

/** Updates `answers` as the user answers. */
export function questions(vendor, answers, refresh) {
  const { first, more } = questionsOf(vendor);
  const draw = (question) => ask(question, answers, refresh);
  return h(
    "div",
    { class: "questions" },
    ...first.map(draw),
    h(
      "details",
      { class: "fold", "data-key": "more-questions" },
      h("summary", null, t("question.more")),
      h("div", { class: "fold-body" }, ...more.map(draw)),
    ),
  );
}

function ask(question, answers, refresh) {
  const [name, choice] = question.split(":");
  const answer = (value) => {
    answers[name] = value;
    refresh();
  };
  const typed = (event) => {
    answers[name] = event.target.value;
  };
  switch (name) {
    case "page_key": {
      const choices = ["url", choice].map((key) => [key, t(`page_key.${key}`)]);
      return selectField(name, t("question.page_key"), t("question.page_key_hint"), choices, answers[name] ?? "url", answer);
    }
    case "scheme": {
      const choices = ["https", "http"].map((scheme) => [scheme, `${scheme}://`]);
      return selectField(name, t("question.scheme"), t("question.scheme_hint"), choices, answers[name] ?? "https", answer);
    }
    case "time_zone": {
      const choices = [["", t("question.time_zone_none")], ...zones().map((zone) => [zone, zone.replaceAll("_", " ")])];
      return selectField(name, t("question.time_zone"), t("question.time_zone_hint"), choices, answers[name] ?? "", answer);
    }
    case "site_url": {
      const attributes = { type: "url", value: answers[name] ?? "", placeholder: "https://example.com", oninput: typed };
      return textField(name, t("question.site_url"), t("question.site_url_hint"), attributes);
    }
    case "map": {
      const example = "from,to\nold.example/blog,https://www.new.example";
      const attributes = { value: answers[name] ?? "", placeholder: example, oninput: typed, class: "mono" };
      return areaField(name, t("question.map"), t("question.map_hint"), attributes);
    }
    default:
      return checkField(name, t(`question.${name}`), t(`question.${name}_hint`), answers[name] ?? false, answer);
  }
}

let known = null;

/** The names of the IANA time zones that the browser supports. */
function zones() {
  known ??= Intl.supportedValuesOf("timeZone");
  return known;
}
