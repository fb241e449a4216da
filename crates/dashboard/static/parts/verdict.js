// The result of a job and the next action: one click from a check to the import, advice after a
// failure, the location of the comments after a success.

import { h } from "../core/dom.js";
import { has, number, t } from "../core/i18n.js";
import { to } from "../core/router.js";
import { button, choiceField, textField } from "./fields.js";
import { notice } from "./notice.js";
import { facts, shares, sums } from "./receipt.js";

/** `act` performs "confirm" or "cancel"; a confirmation may have parameters. */
export function verdict(job, act, isBusy) {
  if (job.state === "waiting") return checked(job, act, isBusy);
  if (job.state === "failed") return failed(job);
  if (job.state === "cancelled") return notice("info", t("cancelled.title"), h("p", null, t("cancelled.text")), again());
  if (job.state === "succeeded" && job.dry_run) return notice("good", t("done.dry"), again());
  if (job.state === "succeeded") return succeeded(job);
  return null;
}

/** Advice on a failed sync, which has no file. */
export function adviceOnSync(job) {
  const own = `sync_advice.${job.error?.code}`;
  const common = `advice.${job.error?.code}`;
  return t([own, common].find(has) ?? "sync_advice.other");
}

function checked(job, act, isBusy) {
  const found = job.checked ?? job;
  const { created, updated, unchanged, failed } = found.outcome;
  const summary = t("check.summary", { created, updated, unchanged });
  return h(
    "section",
    { class: "panel panel-strong", "aria-labelledby": "check-title", "data-key": "check" },
    h("h2", { id: "check-title" }, t("check.title")),
    h("p", { class: "lead" }, summary),
    failed > 0 && h("p", null, t("check.failed", { count: failed })),
    ...warnings(found.findings?.repaired ?? {}).map((warning) => notice("warning", warning)),
    shares(found.outcome),
    job.site_needed && siteQuestion(job),
    job.earlier_pages && pagesQuestion(job),
    h(
      "div",
      { class: "actions" },
      button("primary", t("check.import"), () => act("confirm", answer(job)), { disabled: isBusy, "data-test": "confirm" }),
      button("plain", t("check.discard"), () => act("cancel"), { disabled: isBusy }),
    ),
    h("p", { class: "hint" }, t("check.deadline")),
    h("h3", null, t("check.numbers")),
    sums(found, "would"),
    facts(found),
  );
}

/** The sites of files that do not name them, by job. Keeps the input while the page is redrawn. */
const sites = new Map();

/** By job, whether to identify pages as in the site's last import; this is the default. */
const pages = new Map();

const pagesOf = (job) => pages.get(job.id) ?? "before";

const answer = (job) => ({
  ...(job.site_needed ? { site_url: sites.get(job.id)?.trim() } : {}),
  ...(job.earlier_pages && pagesOf(job) === "before" ? { pages_as_before: "true" } : {}),
});

function pagesQuestion(job) {
  const { page_key: key, rules } = job.earlier_pages;
  const how = rules > 0 ? "check.pages_before_hint" : "check.pages_before_plain";
  const before = t(how, { key: t(`page_key.${key}`), count: rules });
  const choices = [
    ["before", t("check.pages_before"), before],
    ["now", t("check.pages_now"), t("check.pages_now_hint")],
  ];
  const choose = (chosen) => pages.set(job.id, chosen);
  return h(
    "div",
    { "data-key": "pages" },
    h("p", null, t("check.other_pages")),
    choiceField("pages", t("check.pages"), choices, pagesOf(job), choose),
  );
}

function siteQuestion(job) {
  const oninput = (event) => sites.set(job.id, event.target.value);
  const attributes = { type: "url", value: sites.get(job.id) ?? "", placeholder: "https://example.com", oninput };
  return h("div", { "data-key": "site" }, textField("site_url", t("question.site_url"), t("check.site_needed"), attributes));
}

/** What an import would make permanent, and another copy of the file might avoid. */
function warnings(repaired) {
  const letters = (repaired.invalid_utf8 ?? 0) + (repaired.invalid_encoding ?? 0);
  return [
    letters > 0 && t("check.letters"),
    repaired.second_document > 0 && t("check.second_document"),
    repaired.older_file > 0 && t("check.older_file"),
    repaired.unverified_bytes > 0 && t("check.unverified_bytes", { count: repaired.unverified_bytes }),
  ].filter(Boolean);
}

function failed(job) {
  const code = job.error?.code ?? "";
  const offset = job.error?.offset;
  return notice(
    "bad",
    job.error?.message ?? t("failed.title"),
    offset > 0 && h("p", null, t("failed.offset", { offset: number(offset) })),
    h("p", null, has(`advice.${code}`) ? t(`advice.${code}`) : t("advice.other")),
    h("p", null, job.read.comments > 0 ? t("failed.safe") : t("failed.nothing")),
    again(),
  );
}

function succeeded(job) {
  const { created, updated, unchanged, skipped, failed: refused } = job.outcome;
  return notice(
    "good",
    t("done.title", { count: job.read.comments }),
    h("p", null, t("done.text", { created, updated, unchanged })),
    skipped + refused > 0 && h("p", null, t("done.left_out", { count: skipped + refused })),
    job.findings?.repaired?.older_file > 0 && h("p", null, t("done.older_file")),
    job.findings?.repaired?.other_page_options > 0 && h("p", null, t("done.other_pages")),
    h("p", null, h("a", { href: to("pages") }, t("done.look"))),
  );
}

const again = () => h("p", null, h("a", { href: to("import") }, t("common.import_again")));
