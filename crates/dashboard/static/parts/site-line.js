// A linked site in the list.

import { h } from "../core/dom.js";
import { ago, date, t } from "../core/i18n.js";
import { to } from "../core/router.js";
import { button } from "./fields.js";
import { result } from "./job-row.js";
import { progress } from "./progress.js";
import { badge, isOver } from "./state.js";
import { adviceOnSync } from "./verdict.js";

/**
 * `job`: the site's last sync, once loaded; `acts`: actions on a site, by name; `isBusy`: whether
 * one is in progress.
 */
export function siteLine(site, job, acts, isBusy) {
  const isLinked = site.state === "linked";
  const said = [
    t("sites.linked_by", { name: site.linked_by, date: date(site.linked_at) }),
    site.revoked_at && t("tokens.revoked_at", { date: date(site.revoked_at) }),
    // A running sync shows this itself.
    (job === undefined || isOver(job)) && heard(site),
  ];
  return h(
    "li",
    { class: `token site${isLinked ? "" : " token-revoked"}`, "data-key": site.id, "data-test": "site" },
    h(
      "div",
      { class: "site-what" },
      h(
        "p",
        { class: "job-title" },
        h("strong", null, site.domain),
        h("span", { class: `badge badge-${site.state}` }, t(`site_state.${site.state}`)),
      ),
      h("p", { class: "quiet job-meta" }, ...said.filter(Boolean).map((text) => h("span", null, text))),
      lastSync(site, job),
    ),
    isLinked && h("div", { class: "actions" }, ...actions(site, job, acts, isBusy)),
  );
}

function actions(site, job, { sync, revoke }, isBusy) {
  const { domain: name } = site;
  // Until its job is loaded, assume that the sync is running.
  const isSyncing = site.job !== null && (job === undefined || !isOver(job));
  const word = site.job === null ? t("sites.sync") : t("sites.sync_again");
  return [
    button("plain", word, () => sync(site), {
      "aria-label": t("sites.label", { action: word, name }),
      "data-test": "sync",
      disabled: isBusy || isSyncing,
    }),
    button("plain", t("sites.revoke"), () => revoke(site), {
      "aria-label": t("sites.label", { action: t("sites.revoke"), name }),
      "data-test": "revoke",
      disabled: isBusy,
    }),
  ];
}

const heard = (site) => (site.heard_at ? t("sites.heard", { ago: ago(site.heard_at) }) : t("sites.unheard"));

/** The result of the last sync. */
function lastSync(site, job) {
  if (site.job === null) return h("p", { class: "quiet" }, t("sites.no_sync"));
  const name = t("sites.last_sync");
  const link = h("a", { href: to("jobs", site.job), "aria-label": t("sites.label", { action: name, name: site.domain }) }, name);
  if (job === undefined) return h("p", { class: "job-title" }, link);
  return h(
    "div",
    { class: "site-sync job-how" },
    h("p", { class: "job-title" }, link, badge(job)),
    isOver(job) ? result(job) : progress(job),
    job.state === "failed" && h("p", null, adviceOnSync(job)),
  );
}
