// A single comment of a conversation.

import { h } from "../core/dom.js";
import { dateTime, t } from "../core/i18n.js";
import { safeNodes } from "../core/safe-html.js";
import { button } from "./fields.js";
import { icon } from "./icons.js";

/** Deeper replies are not indented further; a phrase names their parent. */
const DEEPEST = 5;

/** Number of characters shown of a comment that is too long for a list. */
const EXCERPT = 1000;

/** `showWhole` fetches the rest of a comment that is too long for a list. */
export function comment({ comment: said, depth, parent }, showWhole) {
  const classes = `comment depth-${Math.min(depth, DEEPEST)} is-${said.status}`;
  return h(
    "li",
    { class: classes, "data-key": said.id, "aria-level": depth + 1 },
    h(
      "article",
      { "aria-label": t("comment.by", { name: nameOf(said) }) },
      h(
        "header",
        null,
        h("strong", { class: "comment-author" }, signed(said)),
        said.created_at && h("time", { datetime: said.created_at }, dateTime(said.created_at)),
        said.status !== "approved" && h("span", { class: `badge badge-${said.status}` }, t(`comment_status.${said.status}`)),
        typeof said.score === "number" && said.score !== 0 && h("span", { class: "quiet" }, t("comment.score", { count: said.score })),
      ),
      depth > DEEPEST && h("p", { class: "comment-answers" }, icon("reply"), t("comment.answers", { name: nameOf(parent) })),
      bodyOf(said),
      said.truncated && button("plain", t("comment.whole"), () => showWhole(said), { class: "button button-plain", "data-test": "whole" }),
    ),
  );
}

const nameOf = (said) => (said.status === "deleted" ? t("comment.deleted_author") : said.author?.name || t("comment.nameless"));

/** The comment's signature; the API returns only web addresses as links. */
function signed(said) {
  const link = said.author?.link;
  return link ? h("a", { href: link, rel: "nofollow ugc noopener noreferrer", target: "_blank" }, nameOf(said)) : nameOf(said);
}

function bodyOf(said) {
  if (said.truncated) return h("div", { class: "comment-body" }, h("p", null, `${said.text.slice(0, EXCERPT)}…`));
  if (said.status === "deleted" || !said.html) return h("p", { class: "quiet" }, t("comment.gone"));
  return h("div", { class: "comment-body" }, safeNodes(said.html, t("comment.picture")));
}
