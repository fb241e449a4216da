// Rebuilds a comment's HTML from an allow-list. The API has already sanitised it; this is a second
// line of defence. It also keeps the comment from affecting the page: no classes, ids or styles,
// and no images from elsewhere.

const ALLOWED = new Set(
  ("a abbr b blockquote br cite code del em h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p pre q s small span strike strong sub " +
    "sup u ul").split(" "),
);
const DROPPED = new Set(["SCRIPT", "STYLE", "TITLE", "IFRAME", "TEMPLATE", "NOSCRIPT", "OBJECT", "EMBED", "SVG", "MATH"]);
const ADDRESS = /^(https?:\/\/|mailto:)/i;

/** The nodes of a comment. `pictureText` replaces a picture, which is not shown. */
export function safeNodes(html, pictureText) {
  // A document parsed this way runs no scripts and loads nothing.
  const source = new DOMParser().parseFromString(html, "text/html").body;
  const root = document.createDocumentFragment();
  // A work list instead of recursion, since comments may be deeply nested.
  const open = [...source.childNodes].reverse().map((node) => [node, root]);
  while (open.length > 0) {
    const [node, parent] = open.pop();
    if (node.nodeType === Node.TEXT_NODE) parent.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.nodeName.toUpperCase())) continue;
    const made = rebuilt(node, pictureText);
    if (made !== null) parent.append(made);
    const inside = made ?? parent;
    for (const child of [...node.childNodes].reverse()) open.push([child, inside]);
  }
  return root;
}

function rebuilt(node, pictureText) {
  const name = node.localName;
  if (name === "img") return picture(node, pictureText);
  // Headings in comments must not become headings of this page.
  if (/^h[1-6]$/.test(name)) return paragraph();
  if (!ALLOWED.has(name)) return null;
  const made = document.createElement(name);
  if (name === "a") lead(made, node.getAttribute("href"));
  const title = node.getAttribute("title");
  if (title !== null && (name === "a" || name === "abbr")) made.setAttribute("title", title);
  return made;
}

function paragraph() {
  const made = document.createElement("p");
  made.className = "heading";
  return made;
}

function picture(node, pictureText) {
  const made = document.createElement("a");
  lead(made, node.getAttribute("src"));
  made.append(`[${pictureText}${node.alt ? `: ${node.alt}` : ""}]`);
  return made;
}

function lead(link, target) {
  if (target === null || !ADDRESS.test(target)) return;
  link.setAttribute("href", target);
  link.setAttribute("rel", "nofollow ugc noopener noreferrer");
  link.setAttribute("target", "_blank");
}
