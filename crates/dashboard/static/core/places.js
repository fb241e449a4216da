// The source and target of a move, in the API's format: {domain}, {url} or {url_id}.

/** The place that was typed, and its kind. */
export const placeOf = (kind, text) => ({ [kind]: text.trim() });

/** domain, url or url_id. */
export const kindOf = (place) => Object.keys(place)[0];

/** The display name of a place. */
export const placeName = (place) => place.domain ?? place.url ?? place.url_id ?? "";
