// The vendors, as the API lists them, and the questions for each. docs/formats.md explains them.

import { get } from "./api.js";
import { listOf } from "./i18n.js";

let known = [];

/** Loads the list, which does not change while the server runs. */
export async function loadVendors() {
  if (known.length === 0) known = (await get("vendors")).vendors;
}

const infoOf = (word) => known.find(({ vendor }) => vendor === word);

/** The name of a vendor; the word itself if this server does not know it. */
export const nameOf = (word) => infoOf(word)?.name ?? word;

/** The vendors in the order of display, as pairs of the word and the names of the products. */
export const vendorChoices = () => known.map(({ vendor, products }) => [vendor, listOf(products)]);

/** What can be said about any file. */
const ABOUT_ANY = ["map", "overwrite", "salvage"];

/** What is asked as long as the vendor is unknown. */
const UNKNOWN = { first_questions: [], more_questions: ["site_url", "time_zone", "exclude_spam"] };

/** The questions that are asked at once, and the optional ones. */
export function questionsOf(word) {
  const { first_questions: first, more_questions: own } = infoOf(word) ?? UNKNOWN;
  const site = first.includes("site_url") || own.includes("site_url") ? [] : ["site_url"];
  return { first, more: [...site, ...own, ...ABOUT_ANY] };
}

/** The answers as parameters of the API, without those that this vendor does not need. */
export function parameters(vendor, answers) {
  const { first, more } = questionsOf(vendor);
  const asked = new Set([...first, ...more].map((question) => question.split(":")[0]));
  const given = (name) => (asked.has(name) ? answers[name] : undefined);
  const include = [given("pingbacks") && "pingbacks", given("ip_addresses") && "ip-addresses"].filter(Boolean);
  const all = {
    vendor: vendor ?? "auto",
    page_key: given("page_key"),
    scheme: given("scheme"),
    site_url: given("site_url")?.trim(),
    time_zone: given("time_zone"),
    map: given("map")?.trim(),
    include: include.join(","),
    exclude: given("exclude_spam") ? "spam" : "",
    overwrite: given("overwrite") ? "true" : "",
    salvage: given("salvage") ? "true" : "",
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}
