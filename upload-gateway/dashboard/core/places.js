// What is moved from and to, as the API takes it: {domain}, {url} or {url_id}.

/** The place that was typed, and what it is taken for. */
export const placeOf = (kind, text) => ({ [kind]: text.trim() });

/** domain, url or url_id. */
export const kindOf = (place) => Object.keys(place)[0];

/** What a place is called. */
export const placeName = (place) => place.domain ?? place.url ?? place.url_id ?? "";
