/**
 * What the view of statistics shows: its address, and the documents it needs.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["Statistics"]} Statistics
 * @typedef {NonNullable<Statistics["runs"]>[number]} RunStatistics
 *
 * @typedef {object} State
 * @property {string} dataset
 * @property {string[]} runs  those that stand beside the ground truth
 * @property {string} split
 * @property {string} slice
 *
 * @typedef {{base: Statistics, runs: RunStatistics[]}} Loaded
 */
import { listIn } from "../../lib/address.js";
import { datasetPath, read } from "../../lib/api.js";

/** Bars of more would be too thin to read. */
export const MOST_RUNS = 6;
/** Without a choice. */
const FIRST_RUNS = 3;

/**
 * @param {string} dataset
 * @param {URLSearchParams} query
 * @param {string[]} known  names of runs
 * @returns {State}
 */
export function stateOf(dataset, query, known) {
  const isAlone = query.get("only") === "truth";
  const asked = listIn(query, "run").slice(0, MOST_RUNS);
  return {
    dataset,
    runs: query.has("run") || isAlone ? asked : known.slice(0, FIRST_RUNS),
    split: query.get("split") ?? "",
    slice: query.get("slice") ?? "",
  };
}

/**
 * One document for each run: a slice is counted for the run that is asked for alone.
 * @param {State} state
 * @param {AbortSignal} signal
 * @returns {Promise<Loaded>}
 */
export async function loadStatistics(state, signal) {
  const path = datasetPath(state.dataset, "statistics");
  const { split, slice } = state;
  const ask = (/** @type {string | null} */ run) =>
    /** @type {Promise<Statistics>} */ (read(path, { split, slice, run }, signal));
  const [base, ...own] = await Promise.all([ask(null), ...state.runs.map(ask)]);
  const runs = own.flatMap((document, i) =>
    (document.runs ?? []).filter((run) => run.run_name === state.runs[i]),
  );
  return { base, runs };
}
