/**
 * What a leaderboard shows: it is all in the address.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["Leaderboard"]["runs"][number]} Run
 * @typedef {object} State
 * @property {string} kind  of overlap
 * @property {string} metric
 * @property {string} sigmas  of keypoints; "": COCO's, or those of the evaluations that there are
 */
import { isSameSigmas } from "../../lib/sigmas.js";

/**
 * @param {URLSearchParams} query
 * @returns {State}
 */
export function stateOf(query) {
  return {
    kind: query.get("iou_type") ?? "bbox",
    metric: query.get("metric") ?? "AP",
    sigmas: query.get("sigmas") ?? "",
  };
}

/**
 * Whether the numbers that are listed are of other sigmas than those that were chosen.
 * @param {State} state
 * @param {Schemas["Params"]} params  of the numbers
 */
export function isOfOtherSigmas({ kind, sigmas }, params) {
  if (kind !== "keypoints" || !sigmas || !params?.sigmas) return false;
  return !isSameSigmas(sigmas, params.sigmas);
}

/** The runs that are ticked. @param {URLSearchParams} query */
export function pairOf(query) {
  return [query.get("run"), query.get("with")].filter((name) => name !== null);
}

/**
 * What is ticked after a click: of three the oldest tick goes.
 * @param {string[]} pair
 * @param {string} name
 * @param {boolean} isTicked
 */
export function ticked(pair, name, isTicked) {
  const others = pair.filter((one) => one !== name);
  return isTicked ? [...others, name].slice(-2) : others;
}

/** Only AP has an interval. @param {State} state */
export function canHaveInterval(state) {
  return state.metric === "AP";
}

/**
 * The run to compare with: the best one; the best itself is compared with the second.
 * @param {Run[]} runs
 * @param {Run} run
 * @returns {{a: string, b: string} | null}
 */
export function againstBest(runs, run) {
  const [first, second] = runs.filter((one) => one.value !== null && one.value >= 0);
  if (run.value === null || run.value < 0 || !first || !second) return null;
  const other = run.run_name === first.run_name ? second : first;
  return { a: other.run_name, b: run.run_name };
}
