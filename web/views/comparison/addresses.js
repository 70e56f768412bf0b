/** Where a comparison leads: images, of both runs side by side, and evaluations. */
import { addressOf } from "../../lib/address.js";
import { selection } from "./state.js";

/** @typedef {import("./state.js").State} State */

/**
 * The images, both runs side by side.
 * @param {string} dataset
 * @param {State} state
 * @param {import("../../lib/address.js").QueryValues} [more]
 */
export function sideAddress(dataset, state, more = {}) {
  return addressOf("images", dataset, {
    run: [state.a, state.b],
    side: 1,
    confidence: state.confidence,
    ...selection(state),
    ...more,
  });
}

/**
 * Those with objects of a class.
 * @param {string} dataset
 * @param {State} state
 * @param {{category: string | null, category_id: number}} row
 */
export function classAddress(dataset, state, row) {
  return sideAddress(dataset, state, { category: row.category ?? String(row.category_id) });
}

/**
 * The images in which a run has an outcome.
 * @param {string} dataset
 * @param {State} state
 * @param {string} run
 * @param {string} outcome
 */
export function outcomeAddress(dataset, state, run, outcome) {
  const query = { run, source: run, outcome, color: "outcome", ...selection(state) };
  return addressOf("images", dataset, query);
}

/**
 * The evaluation of a run, of the same images.
 * @param {string} dataset
 * @param {State} state
 * @param {string} run
 */
export function evaluationAddress(dataset, state, run) {
  return addressOf("evaluation", dataset, { run, ...selection(state) });
}
