// Creates elements and updates them in place.
//
// A page is rendered again whenever something changes. `morph` then changes only what differs, so
// that focus, scroll position, input and expanded sections stay. Text is inserted as text, never
// parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle"]);
const SAFE_ADDRESS = /^(https?:\/\/|mailto:|#|\/(?!\/))/i;

/**
 * The current listeners of an element: {click: function, …}. Carried over when the element is
 * redrawn.
 */
const listeners = new WeakMap();

/**
 * Creates an element. Attributes that begin with "on" are functions; null, undefined and false omit
 * an attribute.
 */
export function h(tag, attributes, ...children) {
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) listen(element, name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = value;
    else if ((name === "href" || name === "src") && !SAFE_ADDRESS.test(value)) continue;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

function listen(element, type, listener) {
  const current = listeners.get(element) ?? {};
  if (!(type in current)) element.addEventListener(type, (event) => listeners.get(element)[type]?.(event));
  current[type] = listener;
  listeners.set(element, current);
}

/**
 * Updates the children of `parent`, keeping existing elements. Those with a `data-key` are matched
 * by it.
 */
export function morph(parent, ...fresh) {
  const keyed = new Map();
  const others = [];
  for (const child of parent.childNodes) {
    const key = keyOf(child);
    if (key === null) others.push(child);
    else keyed.set(key, child);
  }
  let place = parent.firstChild;
  for (const child of nodes(fresh).map(asNode)) {
    const key = keyOf(child);
    const old = key === null ? others.find((other) => isAlike(other, child)) : keyed.get(key);
    if (old !== undefined && isAlike(old, child)) {
      if (key === null) others.splice(others.indexOf(old), 1);
      else keyed.delete(key);
      update(old, child);
      if (old === place) place = place.nextSibling;
      else parent.insertBefore(old, place);
    } else {
      parent.insertBefore(child, place);
    }
  }
  for (const left of [...others, ...keyed.values()]) left.remove();
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

function keyOf(node) {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}

function isAlike(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);
}

function update(old, fresh) {
  if (old === fresh) return;
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // Sections that the user expanded stay expanded.
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.nodeName === "PROGRESS" && fresh.hasAttribute("value")) old.value = fresh.value;
  takeOver(old, fresh);
  if (!old.hasAttribute("data-own")) morph(old, ...fresh.childNodes);
}

function takeOver(old, fresh) {
  const wanted = listeners.get(fresh) ?? {};
  for (const type of Object.keys(listeners.get(old) ?? {})) {
    if (!(type in wanted)) listeners.get(old)[type] = undefined;
  }
  for (const [type, listener] of Object.entries(wanted)) listen(old, type, listener);
}
