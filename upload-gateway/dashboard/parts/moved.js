// What a move did, or would do, in numbers.

import { number, t } from "../core/i18n.js";
import { terms } from "./receipt.js";

/** `tally`: threads, the pages they come from, their comments, pages that were there already, threads that were left. */
export function movedTerms(tally) {
  return terms([
    [t("receipt.comments"), number(tally.comments)],
    [t("receipt.threads"), number(tally.threads)],
    [t("moved.pages"), number(tally.pages)],
    tally.merged > 0 && [t("moved.merged"), number(tally.merged)],
    tally.kept > 0 && [t("moved.kept"), number(tally.kept)],
  ]);
}
