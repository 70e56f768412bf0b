/** What both runs find and get wrong at the operating point that the sliders choose. */
import { cls, fill, h } from "../../lib/dom.js";
import { count, difference, metric } from "../../lib/format.js";
import { shortNames } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {NonNullable<Schemas["Point"]>} Point
 */

/**
 * @typedef {{name: keyof Point, title: string, explain: string, isGood: boolean,
 *   isCount: boolean}} Part
 * @type {Part[]}
 */
const ROWS = [
  {
    name: "true_positives",
    title: "objects found",
    explain: "ground truths that a detection of their class overlaps enough",
    isGood: true,
    isCount: true,
  },
  {
    name: "false_positives",
    title: "false detections",
    explain: "detections that hit no object of their class, or one that is found already",
    isGood: false,
    isCount: true,
  },
  {
    name: "false_negatives",
    title: "objects missed",
    explain: "ground truths that no detection found",
    isGood: false,
    isCount: true,
  },
  {
    name: "precision",
    title: "precision",
    explain: "of the detections, the share that is right",
    isGood: true,
    isCount: false,
  },
  {
    name: "recall",
    title: "recall",
    explain: "of the objects, the share that is found",
    isGood: true,
    isCount: false,
  },
  {
    name: "f1",
    title: "F1",
    explain: "precision and recall in one number: their harmonic mean",
    isGood: true,
    isCount: false,
  },
];

/** A number with the colour of what it means. @param {number} change @param {boolean} isGood */
export function goodness(change, isGood) {
  if (change === 0) return "soft";
  return change > 0 === isGood ? "good" : "bad";
}

/** @param {number} change */
export function signedCount(change) {
  if (change === 0) return "0";
  return (change < 0 ? "−" : "+") + count(Math.abs(change));
}

/**
 * @param {(typeof ROWS)[number]} row
 * @param {Point} a
 * @param {Point} b
 */
function pointRow(row, a, b) {
  const before = Number(a[row.name]);
  const after = Number(b[row.name]);
  const isNone = !row.isCount && (before < 0 || after < 0);
  const change = isNone ? 0 : after - before;
  const show = row.isCount ? count : metric;
  const text = isNone ? "–" : row.isCount ? signedCount(change) : difference(change);
  return h(
    "tr",
    null,
    h("th", { scope: "row", title: row.explain }, row.title),
    h("td", { class: "number" }, show(before)),
    h("td", { class: "number" }, show(after)),
    h("td", { class: cls("number", goodness(change, row.isGood)) }, text),
  );
}

/**
 * @param {HTMLElement} sliders
 * @returns {import("./parts.js").Part}
 */
export function pointPart(sliders) {
  const table = h("div", { class: "table-box", tabindex: 0, role: "region" });
  table.setAttribute("aria-label", "Both runs at the operating point");
  const element = h(
    "section",
    { class: "card versus-point" },
    h("h2", null, "At one operating point"),
    h(
      "p",
      { class: "soft" },
      "Only detections of at least this score; right is what overlaps by at least this IoU.",
    ),
    sliders,
    table,
  );
  return {
    element,
    live(document) {
      const { a, b } = document.operating_point;
      if (!a || !b) {
        fill(table, h("p", { class: "soft" }, "Nothing counts here."));
        return;
      }
      const names = shortNames({ a: document.a.run, b: document.b.run });
      const heads = ["", names.a, names.b, "B − A"];
      fill(
        table,
        h(
          "table",
          { class: "data" },
          h("caption", { class: "unseen" }, "Both runs at the operating point"),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              heads.map((head, i) =>
                i ? h("th", { scope: "col", class: "number" }, head) : h("td"),
              ),
            ),
          ),
          h(
            "tbody",
            null,
            ROWS.map((row) => pointRow(row, a, b)),
          ),
        ),
      );
    },
  };
}
