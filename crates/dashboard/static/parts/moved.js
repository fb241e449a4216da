// The counts of a move, or of its preview.

import { number, t } from "../core/i18n.js";
import { terms } from "./receipt.js";

/**
 * `tally`: threads, their previous pages, their comments, pages that already existed, threads that
 * were left in place.
 */
export function movedTerms(tally) {
  return terms([
    [t("receipt.comments"), number(tally.comments)],
    [t("receipt.threads"), number(tally.threads)],
    [t("moved.pages"), number(tally.pages)],
    tally.merged > 0 && [t("moved.merged"), number(tally.merged)],
    tally.kept > 0 && [t("moved.kept"), number(tally.kept)],
  ]);
}
