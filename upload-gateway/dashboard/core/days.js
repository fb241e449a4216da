// Days as people choose them, and the times of a filter. Days are those of UTC, since files are written in UTC.

const DAY = 86_400_000;

/** "2020-01-31" of a field for days, as the time at which the day begins; undefined for an empty field. */
export const beginOf = (day) => (day === "" ? undefined : `${day}T00:00:00Z`);

/** The time at which the day is over: what is before it is of that day or earlier. */
export function endOf(day) {
  return day === "" ? undefined : new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString();
}

/** The day that begins at a time; null for a time within a day. */
export const dayFrom = (time) => (Date.parse(time) % DAY === 0 ? new Date(time) : null);

/** The last day before a time, in the same way. */
export function dayUntil(time) {
  const next = dayFrom(time);
  return next === null ? null : new Date(next.getTime() - DAY);
}
