// Texts, numbers and dates in the user's language.

import { recall, keep } from "./storage.js";

/** Languages with a catalogue, by their own names. */
export const LANGUAGES = { en: "English", fr: "Français" };

let language = "en";
let catalogue = {};
const watchers = new Set();

/** The current language. */
export const current = () => language;

/** Loads the language chosen earlier or, without one, the browser's preferred language. */
export async function begin() {
  const wanted = [recall("language"), ...(navigator.languages ?? [])];
  const known = wanted.map((tag) => tag?.toLowerCase().split("-")[0]).find((tag) => tag in LANGUAGES);
  await load(known ?? "en");
}

/** Switches to another language, and remembers it. */
export async function choose(tag) {
  await load(tag);
  keep("language", tag);
  for (const watcher of watchers) watcher();
}

/** Calls `watcher` whenever the language changes. */
export const watch = (watcher) => watchers.add(watcher);

async function load(tag) {
  const answer = await fetch(new URL(`../languages/${tag}.json`, import.meta.url));
  catalogue = await answer.json();
  language = tag;
  document.documentElement.lang = tag;
}

/** Whether there is a text with this key. */
export const has = (key) => Object.hasOwn(catalogue, key);

/** The text with this key. Replaces `{name}` in it; `count` selects singular or plural. */
export function t(key, values = {}) {
  if (!has(key)) return key.slice(key.indexOf(".") + 1).replaceAll("_", " ");
  let text = catalogue[key];
  if (typeof text === "object") {
    const form = new Intl.PluralRules(language).select(values.count);
    text = text[form] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : value;
  });
}

export const number = (value) => new Intl.NumberFormat(language).format(value);

export const percent = (fraction) => new Intl.NumberFormat(language, { style: "percent" }).format(fraction);

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function bytes(count) {
  let size = count;
  let step = 0;
  while (size >= 1000 && step < SIZES.length - 1) {
    size /= 1000;
    step += 1;
  }
  return unit(size, SIZES[step], size < 10 && step > 0 ? 1 : 0);
}

function unit(value, name, digits = 0) {
  const options = { style: "unit", unit: name, unitDisplay: name === "byte" ? "long" : "short", maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

/** A duration, with a precision that suits someone waiting for it. */
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return unit(whole, "second");
  if (whole < 600) return pair([Math.floor(whole / 60), "minute"], [whole % 60, "second"]);
  if (whole < 3600) return unit(Math.round(whole / 60), "minute");
  return pair([Math.floor(whole / 3600), "hour"], [Math.floor((whole % 3600) / 60), "minute"]);
}

function pair(large, small) {
  return small[0] === 0 ? unit(...large) : `${unit(...large)} ${unit(...small)}`;
}

export const dateTime = (time) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));

export const clock = (time) =>
  new Intl.DateTimeFormat(language, { timeStyle: "medium", dateStyle: "medium" }).format(new Date(time));

export const date = (time) => new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(time));

/** A day, or a time, in UTC. */
export const utcDay = (time) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(time));

export const utcTime = (time) =>
  `${new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" }).format(new Date(time))} UTC`;

/** "A, B and C". */
export const listOf = (words) => new Intl.ListFormat(language).format(words);

const AGES = [["day", 86_400], ["hour", 3600], ["minute", 60]];

/** A relative time; the date itself after a week. */
export function ago(time) {
  const seconds = (Date.now() - new Date(time)) / 1000;
  if (Math.abs(seconds) > 7 * 86_400) return date(time);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [name, length] of AGES) {
    if (Math.abs(seconds) >= length) return format.format(-Math.round(seconds / length), name);
  }
  return t("time.now");
}
