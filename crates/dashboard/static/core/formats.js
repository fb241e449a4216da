// The export formats. docs/exports.md describes what each contains.

/** In the order of display; the first is preselected. */
export const FORMATS = ["csv", "jsonl", "wordpress", "commento", "disqus"];

const NAMES = { csv: "CSV", jsonl: "JSON Lines", wordpress: "WordPress", commento: "Commento", disqus: "Disqus" };

export const formatName = (format) => NAMES[format] ?? format;
