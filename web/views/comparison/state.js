/**
 * What a comparison is of: it is all in the address.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {object} State
 * @property {string} a
 * @property {string} b
 * @property {string} kind  of overlap: bbox, segm or keypoints
 * @property {string} sigmas  of keypoints; "" is COCO's
 * @property {string} split  "" is all
 * @property {string} slice
 * @property {number} iou
 * @property {number} confidence
 * @property {string} class  whose curves are shown, by name; "" is all
 */
import { pointIn } from "../../lib/point.js";
import { overlapQuery } from "../../lib/sigmas.js";

/**
 * @param {URLSearchParams} query
 * @returns {State}
 */
export function stateOf(query) {
  return {
    a: query.get("run") ?? "",
    b: query.get("with") ?? "",
    kind: query.get("iou_type") ?? "bbox",
    sigmas: query.get("sigmas") ?? "",
    split: query.get("split") ?? "",
    slice: query.get("slice") ?? "",
    ...pointIn(query),
    class: query.get("class") ?? "",
  };
}

/** Which images and overlaps a request is about. @param {State} state */
export function selection(state) {
  return { ...overlapQuery(state), split: state.split, slice: state.slice };
}

/** Longer names do not fit into the head of a table. */
const SHORT = 14;

/**
 * What the runs are called in tables: by their names, or A and B where these are long.
 * @param {{a: string, b: string}} runs
 */
export function shortNames({ a, b }) {
  return a.length <= SHORT && b.length <= SHORT ? { a, b } : { a: "A", b: "B" };
}

/**
 * Whether the numbers that do not depend on the operating point are the same.
 * @param {State} one
 * @param {State} other
 */
export function isSameSelection(one, other) {
  const keyOf = (/** @type {State} */ state) =>
    JSON.stringify([state.a, state.b, selection(state)]);
  return keyOf(one) === keyOf(other);
}

/**
 * @param {State} one
 * @param {State} other
 */
export function isSamePoint(one, other) {
  return one.iou === other.iou && one.confidence === other.confidence;
}

/**
 * The runs that are compared if the address names none or one: the newest ones, the newer as B.
 * @param {{source: string, imported_at: string}[]} sources  with the ground truth
 * @param {string} a  what the address names
 * @param {string} b
 * @returns {{a: string, b: string} | null}  null: there are no two
 */
export function defaultRuns(sources, a, b) {
  const runs = sources.filter(({ source }) => source !== "ground_truth");
  const newest = [...runs].sort((x, y) => Date.parse(y.imported_at) - Date.parse(x.imported_at));
  if (a && b) return { a, b };
  if (a) {
    const other = newest.find(({ source }) => source !== a);
    return other ? { a, b: other.source } : null;
  }
  if (b) {
    const other = newest.find(({ source }) => source !== b);
    return other ? { a: other.source, b } : null;
  }
  return newest.length > 1 ? { a: newest[1].source, b: newest[0].source } : null;
}
