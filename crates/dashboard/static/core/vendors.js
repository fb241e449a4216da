// The vendors, and the questions for each. docs/formats.md explains them; a test compares this with the registry in
// crates/vendors.

/** In the order of display. */
export const VENDORS = ["disqus", "wordpress", "commento", "hyvor", "intensedebate", "muut", "justcomments"];

export const NAMES = {
  disqus: "Disqus",
  wordpress: "WordPress",
  commento: "Commento, Comentario",
  hyvor: "Hyvor Talk",
  intensedebate: "IntenseDebate",
  muut: "Muut",
  justcomments: "Just-Comments",
};

export const nameOf = (vendor) => NAMES[vendor] ?? vendor;

/** The questions that are asked at once, and the optional ones. */
const QUESTIONS = {
  disqus: { first: [], more: ["site_url", "page_key:identifier", "exclude_spam", "map", "overwrite", "salvage"] },
  wordpress: { first: [], more: ["site_url", "page_key:identifier", "time_zone", "pingbacks", "ip_addresses", "exclude_spam", "map", "overwrite", "salvage"] },
  commento: { first: ["scheme"], more: ["site_url", "exclude_spam", "map", "overwrite", "salvage"] },
  hyvor: { first: [], more: ["site_url", "page_key:identifier", "ip_addresses", "exclude_spam", "map", "overwrite", "salvage"] },
  intensedebate: { first: [], more: ["site_url", "page_key:identifier", "time_zone", "ip_addresses", "map", "overwrite", "salvage"] },
  muut: { first: ["site_url"], more: ["page_key:identifier", "map", "overwrite", "salvage"] },
  justcomments: { first: ["page_key:item"], more: ["site_url", "map", "overwrite", "salvage"] },
};

const OF_ANY = { first: [], more: ["site_url", "time_zone", "exclude_spam", "map", "overwrite", "salvage"] };

export const questionsOf = (vendor) => QUESTIONS[vendor] ?? OF_ANY;

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
