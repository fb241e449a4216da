// Form fields with their labels.

import { h } from "../core/dom.js";

/** A label, a control and its hint. `name` becomes the control's id. */
function field(name, label, hint, control) {
  const hintId = hint ? `${name}-hint` : null;
  if (hintId) control.setAttribute("aria-describedby", hintId);
  control.id = name;
  return h(
    "div",
    { class: "field", "data-key": `field-${name}` },
    h("label", { for: name }, label),
    control,
    hint && h("p", { class: "hint", id: hintId }, hint),
  );
}

export const textField = (name, label, hint, attributes) =>
  field(name, label, hint, h("input", { type: "text", spellcheck: "false", autocomplete: "off", ...attributes }));

export const areaField = (name, label, hint, attributes) =>
  field(name, label, hint, h("textarea", { rows: 4, spellcheck: "false", ...attributes }));

/** `choices`: [[value, label], …]. */
export function selectField(name, label, hint, choices, chosen, onchange) {
  const options = choices.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
  const select = h("select", { onchange: (event) => onchange(event.target.value) }, ...options);
  return field(name, label, hint, select);
}

export function checkField(name, label, hint, checked, onchange) {
  const box = { type: "checkbox", id: name, checked, onchange: (event) => onchange(event.target.checked) };
  return h(
    "div",
    { class: "field field-check", "data-key": `field-${name}` },
    h("input", { ...box, "aria-describedby": hint ? `${name}-hint` : null }),
    h("label", { for: name }, label),
    hint && h("p", { class: "hint", id: `${name}-hint` }, hint),
  );
}

/** Radio buttons, each with a hint. `choices`: [[value, label, hint], …]. */
export function choiceField(name, legend, choices, chosen, onchange) {
  const line = ([value, label, hint]) => {
    const id = `${name}-${value}`;
    const about = hint ? `${id}-hint` : null;
    const attributes = { type: "radio", id, name, value, checked: value === chosen, "aria-describedby": about };
    return h(
      "div",
      { class: "choice", "data-key": value },
      h("input", { ...attributes, onchange: () => onchange(value) }),
      h("label", { for: id }, label),
      hint && h("p", { class: "hint", id: about }, hint),
    );
  };
  return h(
    "fieldset",
    { class: "choices", "data-key": `field-${name}` },
    h("legend", null, legend),
    ...choices.map(line),
  );
}

/** `kind`: primary, plain, quiet or danger. */
export function button(kind, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: `button button-${kind}`, onclick, ...attributes }, label);
}
