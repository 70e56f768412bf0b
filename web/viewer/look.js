/**
 * Which rows are drawn, and in which colours.
 *
 * @typedef {import("./geometry.js").Annotation} Annotation
 * @typedef {"class" | "source" | "outcome"} Coloring
 * @typedef {object} Choice
 * @property {"both" | "truth" | "predictions"} show
 * @property {number} confidence  predictions below are not drawn
 * @property {Coloring} color
 * @property {string[]} runs  in the order of their colours
 * @property {Set<string>} hidden  classes, sources or outcomes that the legend has turned off
 */
import { classColor, outcomeColor, sourceColor } from "../lib/color.js";
import { className } from "../lib/names.js";
import { boxArea, isTruth, outcomeOf } from "./geometry.js";

/**
 * What a row is in the legend: its class, its source, or its outcome.
 * @param {Annotation} row
 * @param {Choice} choice
 * @param {Annotation[]} rows
 */
export function kindOf(row, choice, rows) {
  if (choice.color === "class") return className(row);
  if (choice.color === "source") return row.source;
  return outcomeOf(row, rows, choice.runs[0]) ?? "unknown";
}

/**
 * @param {Coloring} coloring
 * @param {string} kind
 * @param {string[]} runs
 */
export function kindColor(coloring, kind, runs) {
  if (coloring === "class") return classColor(kind);
  if (coloring === "source") return sourceColor(runs.indexOf(kind) + 1);
  return kind === "unknown" ? "#868e96" : outcomeColor(kind);
}

/**
 * The rows that are drawn, large ones first so that small ones lie above.
 * @param {Annotation[]} rows
 * @param {Choice} choice
 */
export function drawnRows(rows, choice) {
  const drawn = rows.filter((row) => {
    if (choice.show === (isTruth(row) ? "predictions" : "truth")) return false;
    if (!isTruth(row)) {
      if (!choice.runs.includes(row.source)) return false;
      if ((row.confidence ?? 1) < choice.confidence) return false;
    }
    return choice.hidden.size === 0 || !choice.hidden.has(kindOf(row, choice, rows));
  });
  return drawn.sort((a, b) => boxArea(b) - boxArea(a));
}

/**
 * @param {Choice} choice
 * @param {Annotation[]} rows
 * @returns {(row: Annotation) => string}
 */
export function colorRule(choice, rows) {
  return (row) => kindColor(choice.color, kindOf(row, choice, rows), choice.runs);
}

/** A row in a few words, as on its label. @param {Annotation} row */
export function labelOf(row) {
  const { confidence } = row;
  return className(row) + (confidence === null ? "" : ` ${confidence.toFixed(2)}`);
}
