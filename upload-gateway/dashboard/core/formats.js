// The formats that comments are exported in. docs/exports.md says what each holds.

/** In the order in which they are offered; the first is chosen until the admin chooses. */
export const FORMATS = ["csv", "jsonl", "wordpress", "commento", "disqus"];

const NAMES = { csv: "CSV", jsonl: "JSON Lines", wordpress: "WordPress", commento: "Commento", disqus: "Disqus" };

export const formatName = (format) => NAMES[format] ?? format;
