/**
 * What the view shows, as its address says it, and addresses that lead on from there.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["Evaluation"]} Evaluation
 * @typedef {Schemas["ClassNumbers"]} ClassNumbers
 * @typedef {Schemas["Point"]} Point
 * @typedef {Schemas["IouType"]} IouType
 *
 * @typedef {object} State
 * @property {string} dataset
 * @property {string} run
 * @property {number} iou
 * @property {number} confidence
 * @property {string} split  "": all
 * @property {string} slice
 * @property {IouType} iouType
 * @property {string} sigmas  of keypoints; "": COCO's
 * @property {string} class  a name; "": all
 */
import { datasetPath } from "../../lib/api.js";
import { addressOf, listIn } from "../../lib/address.js";
import { confidenceParameter, pointIn } from "../../lib/point.js";
import { overlapQuery as overlapOf } from "../../lib/sigmas.js";

/**
 * @param {string} dataset
 * @param {URLSearchParams} query
 * @returns {State}
 */
export function stateOf(dataset, query) {
  const type = query.get("iou_type");
  return {
    dataset,
    run: listIn(query, "run")[0] ?? "",
    ...pointIn(query),
    split: query.get("split") ?? "",
    slice: query.get("slice") ?? "",
    iouType: type === "segm" || type === "keypoints" ? type : "bbox",
    sigmas: query.get("sigmas") ?? "",
    class: query.get("class") ?? "",
  };
}

/** Whether two states need the same evaluation: all but what the sliders and the class say. */
export function isSameEvaluation(/** @type {State} */ a, /** @type {State} */ b) {
  const isOfSame = a.run === b.run && a.split === b.split && a.slice === b.slice;
  return isOfSame && JSON.stringify(overlapQuery(a)) === JSON.stringify(overlapQuery(b));
}

/**
 * Parameters that say what overlaps.
 * @param {State} state
 */
export function overlapQuery({ iouType, sigmas }) {
  return overlapOf({ kind: iouType, sigmas });
}

/**
 * Parameters of the evaluation, but for the operating point.
 * @param {State} state
 */
export function evaluationQuery(state) {
  return { ...overlapQuery(state), split: state.split, slice: state.slice };
}

/** @param {State} state */
export function pointQuery(state) {
  return { ...evaluationQuery(state), iou: state.iou, confidence: state.confidence };
}

/** @param {State} state */
export function runPath(state, /** @type {string[]} */ ...parts) {
  return datasetPath(state.dataset, "runs", state.run, ...parts);
}

/**
 * The address of images of the run, by the filters of the images view.
 * @param {State} state
 * @param {import("../../lib/address.js").QueryValues} filters
 */
export function imagesAddress(state, filters) {
  return addressOf("images", state.dataset, {
    run: state.run,
    split: state.split,
    slice: state.slice,
    ...overlapQuery(state),
    ...filters,
  });
}

/**
 * Images in which a detection or a ground truth has an outcome.
 * @param {State} state
 * @param {string} outcome
 * @param {string | null} [category]
 */
export function outcomeAddress(state, outcome, category) {
  return imagesAddress(state, { source: state.run, outcome, category, color: "outcome" });
}

/**
 * How a cell of the confusion matrix names a class. A name that could be taken for an id, or for
 * the background, gives way to the id.
 * @param {number | null} id  null: the background
 * @param {string | null | undefined} name
 */
export function cellName(id, name) {
  if (id === null) return "background";
  return name && name !== "background" && !/^-?\d+$/.test(name) ? name : String(id);
}

/**
 * Images behind a cell of the confusion matrix.
 * @param {State} state
 * @param {string} truth
 * @param {string} predicted
 */
export function cellAddress(state, truth, predicted) {
  const shown = confidenceParameter(state.confidence);
  return imagesAddress(state, {
    truth,
    predicted,
    color: "outcome",
    confidence: shown,
    min_confidence: shown,
  });
}
