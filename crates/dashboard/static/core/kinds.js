// What the dashboard shows of a kind of job. `kinds.js` beside `app.js` lists the kinds.

const kinds = {};

/**
 * Registers kinds by their words. Of each kind:
 * - `working`: the phase in which it does its work, and the name of its state then
 * - `title(job)`: its title in lists and headings
 * - `result(job)`: the result of one that rests and did not fail, in a list
 * - `counted(job)`: the amount done so far, if the total is unknown, as texts
 * - `done(job)`: `{amount, total, comments}` so far; the total is null if it is unknown
 * - `values(job)`: values for texts of its timeline
 * - `page`: the specific parts of its page; see `pages/job.js`
 * - `form`: the page that starts such a job, if it has the kind's address
 */
export const register = (listed) => Object.assign(kinds, listed);

/** The word of the kind of job, where texts depend on it: the import of a linked site is a sync. */
export const wordOf = (job) => (job.sync ? "sync" : job.kind);

/** The kind of a job. One from a newer server is shown like an import. */
export const kindOfJob = (job) => kinds[wordOf(job)] ?? { ...kinds.import, working: "running" };

/** The words of the kinds as the API lists them. */
export const listedKinds = () => Object.keys(kinds).filter((word) => word !== "sync");

/** The pages that start jobs, by their addresses. */
export const forms = () =>
  Object.fromEntries(Object.entries(kinds).flatMap(([word, { form }]) => (form ? [[word, form]] : [])));
