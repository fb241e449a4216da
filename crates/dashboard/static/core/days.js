// Converts days that a user chooses to the times of a filter. Days are in UTC, as the files are.

const DAY = 86_400_000;

/** The start of the day in a date field ("2020-01-31"); undefined for an empty field. */
export const beginOf = (day) => (day === "" ? undefined : `${day}T00:00:00Z`);

/** The end of the day, exclusive. */
export function endOf(day) {
  return day === "" ? undefined : new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString();
}

/** The day that begins at a time; null for a time within a day. */
export const dayFrom = (time) => (Date.parse(time) % DAY === 0 ? new Date(time) : null);

/** The last day before an exclusive end, by the same rule. */
export function dayUntil(time) {
  const next = dayFrom(time);
  return next === null ? null : new Date(next.getTime() - DAY);
}
