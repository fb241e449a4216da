// The parts specific to a move: what moved where, and how to undo it.

import { h } from "../../core/dom.js";
import { has, t } from "../../core/i18n.js";
import { kindOf, placeName } from "../../core/places.js";
import { to } from "../../core/router.js";
import { isAdmin } from "../../core/session.js";
import { confirm } from "../../parts/dialog.js";
import { button } from "../../parts/fields.js";
import { movedTerms } from "../../parts/moved.js";
import { notice } from "../../parts/notice.js";
import { terms } from "../../parts/receipt.js";
import { isOver } from "../../parts/state.js";
import { movePage } from "../move.js";

export function moveJob({ id, start }) {
  async function undo() {
    const agreed = await confirm({
      title: t("move.undo_title"),
      text: t("move.undo_text"),
      action: t("move.undo"),
      kind: "primary",
      refuse: t("common.not_now"),
    });
    if (agreed) await start("moves", { undo: id });
  }

  function verdict(job, isBusy) {
    if (!isOver(job)) return null;
    const { moved } = job.move;
    const mayUndo = isAdmin() && moved.threads > 0;
    const way = [
      mayUndo && h("p", null, button("plain", t("move.undo"), undo, { disabled: isBusy, "data-test": "undo" })),
      h("p", null, h("a", { href: to("pages") }, t("done.look"))),
    ];
    if (job.state === "failed") return failed(job, way);
    if (job.state === "cancelled") {
      return notice("info", t("cancelled.move_title"), moved.threads > 0 && h("p", null, t("move.stays")), ...way);
    }
    if (moved.threads === 0) return notice("info", t("move.nothing"), ...way);
    const done = t("move.done", { count: moved.comments });
    return notice("good", done, moved.kept > 0 && h("p", null, t("move.kept", { count: moved.kept })), ...way);
  }

  return {
    changed: () => {},
    verdict,
    steps: () => null,
    hint: (job) => (job.stalled ? t("job.stalled_text") : t("job.may_leave")),
    sections: (job) => [counts(job), wanted(job)],
  };
}

/** See `core/kinds.js`. */
export const moveKind = {
  working: "moving",
  title: ({ move: { options } }) =>
    options.undo ? t("job.undo") : t("job.move", { from: placeName(options.from), to: placeName(options.to) }),
  result: ({ move: { moved } }) =>
    moved.threads === 0
      ? h("p", { class: "quiet" }, t("move.nothing"))
      : h("p", null, t("job.moved", { count: moved.comments })),
  counted: ({ move: { moved } }) => [t("job.comments_moved", { count: moved.comments })],
  done: ({ move: { moved } }) => ({ amount: moved.threads, total: null, comments: moved.comments }),
  values: ({ move: { moved } }) => ({ count: moved.threads }),
  page: moveJob,
  form: movePage,
};

function failed(job, way) {
  const advice = `move_advice.${job.error?.code}`;
  return notice(
    "bad",
    job.error?.message ?? t("failed.title"),
    h("p", null, has(advice) ? t(advice) : t("move_advice.other")),
    job.move.moved.threads > 0 && h("p", null, t("move.stays")),
    h("p", null, t("move.told")),
    ...way,
  );
}

function counts(job) {
  const { moved } = job.move;
  if (moved.threads + moved.kept === 0) return null;
  return h(
    "section",
    { class: "panel", "aria-labelledby": "moved-title", "data-key": "moved" },
    h("h2", { id: "moved-title" }, isOver(job) ? t("moved.title") : t("receipt.so_far")),
    movedTerms(moved),
  );
}

function wanted(job) {
  const { from, to: target, undo } = job.move.options;
  const link = undo && h("a", { href: to("jobs", undo) }, t("move.undone_job"));
  const places = () => [
    [t(`move_from.${kindOf(from)}`), placeName(from)],
    [t(`move_to.${kindOf(target)}`), placeName(target)],
  ];
  return h(
    "section",
    { class: "panel", "aria-labelledby": "wanted-title", "data-key": "wanted" },
    h("h2", { id: "wanted-title" }, t("export.wanted")),
    terms(undo ? [[t("move.undoes"), link]] : places(), "chosen"),
  );
}
