// The dashboard's entry point: shows the page that the address names.

import { announce } from "./core/announce.js";
import { h, morph } from "./core/dom.js";
import * as i18n from "./core/i18n.js";
import { t } from "./core/i18n.js";
import { forms } from "./core/kinds.js";
import { parts, takeLink } from "./core/router.js";
import * as session from "./core/session.js";
import * as transfer from "./core/transfer.js";
import "./kinds.js";
import { shell } from "./parts/shell.js";
import { importPage } from "./pages/import.js";
import { jobPage } from "./pages/job.js";
import { jobsPage } from "./pages/jobs.js";
import { linkPage } from "./pages/link.js";
import { missingPage } from "./pages/missing.js";
import { pagePage } from "./pages/page.js";
import { pagesPage } from "./pages/pages.js";
import { signInPage } from "./pages/sign-in.js";
import { sitesPage } from "./pages/sites.js";
import { tokensPage } from "./pages/tokens.js";

/**
 * Pages by the first part of the address; the second part, if there is one, identifies an object.
 */
const LISTS = {
  import: importPage,
  jobs: jobsPage,
  pages: pagesPage,
  sites: sitesPage,
  tokens: tokensPage,
  ...forms(),
};
const THINGS = { jobs: jobPage, link: linkPage, pages: pagePage, ...forms() };

const root = document.getElementById("app");
let open = null;
let isDue = false;

/** Schedules a redraw; several calls cause a single one. */
function refresh() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(draw);
}

function draw() {
  isDue = false;
  if (open === null) return;
  const title = open.page.title();
  document.title = `${title} · Rethread`;
  const view = h("main", { id: "main", "data-key": open.key }, open.page.view());
  morph(root, ...shell(open.name, view));
  if (open.takesFocus) {
    open.takesFocus = false;
    root.querySelector("h1")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    announce(title);
  }
}

function pageOf([name = session.isAdmin() ? "import" : "jobs", id]) {
  if (session.current() === null) return ["sign-in", signInPage];
  // An operator sees only the states of jobs.
  if (!session.isAdmin() && name !== "jobs") return ["jobs", jobsPage];
  return [name, (id === undefined ? LISTS[name] : THINGS[name]) ?? missingPage];
}

function show() {
  const address = parts();
  const [name, make] = pageOf(address);
  const key = [name, address[1] ?? ""].join("/");
  if (open?.key === key) return;
  const isFirst = open === null;
  open?.leaving.abort();
  const leaving = new AbortController();
  open = { key, name, leaving, takesFocus: !isFirst, page: null };
  open.page = make({ refresh, signal: leaving.signal, id: address[1] });
  refresh();
}

async function begin() {
  const link = takeLink();
  await i18n.begin();
  i18n.watch(refresh);
  transfer.watch(refresh);
  session.begin(show);
  if (link !== null) {
    try {
      await session.signIn({ link });
    } catch {
      await session.restore("sign_in.bad_link");
      if (session.current() === null) announce(t(session.reason()));
    }
  } else {
    await session.restore();
  }
  window.addEventListener("hashchange", show);
  refresh();
}

begin();
