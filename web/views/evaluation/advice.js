/**
 * "What should I fix first": the findings of an evaluation in the order of what they cost, each
 * with the images that show it. Plain logic, without the page.
 *
 * @typedef {object} Advice
 * @property {string} code
 * @property {string} title
 * @property {string} [names]  names of classes in it, uncut
 * @property {string} text
 * @property {number} cost  in AP, or what comes near to it: the order
 * @property {string} href
 * @property {string} does  what the link says
 */
import { addressOf } from "../../lib/address.js";
import { counted, metric, percent } from "../../lib/format.js";
import { className, cutName } from "../../lib/names.js";
import { cellNote, OUTCOME_WORDS, outcomeName } from "../../lib/outcomes.js";
import { cellAddress, cellName, outcomeAddress } from "./state.js";
import { ERROR_TYPES, ERROR_WORDS } from "./words.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("./state.js").ClassNumbers} ClassNumbers
 */

/**
 * The type of error that a class has most, or null.
 * @param {ClassNumbers} row
 */
export function mainError(row) {
  const counts = /** @type {Record<string, number>} */ (row.errors?.counts ?? {});
  // A missed object and a loose box cost recall; what has low scores costs less.
  const types = ERROR_TYPES.filter((type) => counts[type] > 0);
  const real = types.filter((type) => type !== "both" && type !== "background");
  const most = (real.length ? real : types).sort((a, b) => counts[b] - counts[a])[0];
  return most ? { type: most, count: counts[most] } : null;
}

/**
 * The class whose AP is lowest; one with few objects only if all have few.
 * @param {ClassNumbers[]} rows
 */
export function worstClass(rows) {
  const known = rows.filter((row) => row.AP >= 0 && row.truths > 0);
  const enough = known.filter((row) => row.truths >= 10);
  return [...(enough.length ? enough : known)].sort((a, b) => a.AP - b.AP)[0] ?? null;
}

/**
 * The two classes that are mixed up most, in both directions.
 * @param {Evaluation["matrix"]} matrix
 */
export function mixedUp(matrix) {
  /** @type {Map<string, {a: number, b: number, count: number, most: number}>} */
  const pairs = new Map();
  for (const [truth, predicted, count] of matrix?.cells ?? []) {
    if (truth === null || predicted === null || count === null) continue;
    if (truth === predicted) continue;
    const key = [truth, predicted].sort((x, y) => Number(x) - Number(y)).join(" ");
    const pair = pairs.get(key) ?? { a: truth, b: predicted, count: 0, most: 0 };
    if (count > pair.most) Object.assign(pair, { a: truth, b: predicted, most: count });
    pair.count += count;
    pairs.set(key, /** @type {{a: number, b: number, count: number, most: number}} */ (pair));
  }
  return [...pairs.values()].sort((x, y) => y.count - x.count)[0] ?? null;
}

/**
 * @param {State} state
 * @param {Evaluation} document
 * @returns {Advice[]}
 */
function aboutErrors(state, document) {
  const costs = /** @type {Record<string, number>} */ (document.errors?.dap ?? {});
  const counts = /** @type {Record<string, number>} */ (document.errors?.counts ?? {});
  return ERROR_TYPES.filter((type) => costs[type] >= 0.005)
    .sort((a, b) => costs[b] - costs[a])
    .slice(0, 2)
    .map((type) => ({
      code: type,
      title: type === "missed" ? "Missed objects" : `${capital(outcomeName(type))} errors`,
      text:
        `${counted(counts[type], "time", "times")}: ${OUTCOME_WORDS[type]}. Without them AP50 ` +
        `would be ${metric(costs[type])} higher. ${ERROR_WORDS[type].helps}`,
      cost: costs[type],
      href: outcomeAddress(state, type),
      does: "Show the images",
    }));
}

/**
 * @param {State} state
 * @param {Evaluation} document
 * @returns {Advice[]}
 */
function aboutClass(state, document) {
  const rows = document.per_class ?? [];
  const worst = rows.length > 1 ? worstClass(rows) : null;
  const mean = document.metrics?.AP ?? -1;
  if (!worst || mean < 0 || worst.AP >= mean) return [];
  const main = mainError(worst);
  const why = main
    ? ` Mostly ${outcomeName(main.type)}: ${counted(main.count, "time", "times")}.`
    : "";
  return [
    {
      code: "worst_class",
      title: `The worst class: ${cutName(className(worst))}`,
      names: className(worst),
      text:
        `Its AP is ${metric(worst.AP)}, the mean of all classes is ${metric(mean)}.${why} ` +
        `It has ${counted(worst.truths, "object")}.`,
      cost: (mean - worst.AP) / rows.length + 0.02,
      href: outcomeAddress(state, main?.type ?? "missed", className(worst)),
      does: "Show me why",
    },
  ];
}

/**
 * @param {State} state
 * @param {Evaluation} document
 * @returns {Advice[]}
 */
function aboutPair(state, document) {
  const pair = mixedUp(document.matrix);
  if (!pair || pair.count < 2) return [];
  const names = new Map((document.per_class ?? []).map((row) => [row.category_id, className(row)]));
  const nameOf = (/** @type {number} */ id) => names.get(id) ?? `class ${id}`;
  const [a, b] = [pair.a, pair.b].map((id) => cutName(nameOf(id)));
  const share = pair.count / Math.max(1, document.truths);
  return [
    {
      code: "mixed_up",
      title: `${capital(a)} and ${b} are mixed up`,
      names: `${nameOf(pair.a)}, ${nameOf(pair.b)}`,
      text: [
        `${counted(pair.count, "time", "times")}, most often ${a} is taken for ${b}.`,
        cellNote(state, state.iouType),
      ].join(" "),
      cost: share,
      href: cellAddress(
        state,
        cellName(pair.a, names.get(pair.a)),
        cellName(pair.b, names.get(pair.b)),
      ),
      does: "Show the images",
    },
  ];
}

/**
 * @param {State} state
 * @param {Evaluation} document
 * @param {(changes: Partial<State>) => string} here  the address of this view with changes
 * @returns {Advice[]}
 */
function aboutScores(state, document, here) {
  const advice = [];
  const { best_f1: best, operating_point: point } = document;
  if (best && point && best.confidence !== null && best.f1 - point.f1 >= 0.01) {
    advice.push({
      code: "confidence",
      title: `A better least score: ${best.confidence.toFixed(2)}`,
      text:
        `There F1 is ${metric(best.f1)}, at ${state.confidence.toFixed(2)} it is ` +
        `${metric(point.f1)}. No training needed.`,
      cost: (best.f1 - point.f1) / 3,
      href: here({ confidence: Math.floor(best.confidence * 100) / 100 }),
      does: "Set it",
    });
  }
  const bias = scoreBias(document.calibration);
  if (Math.abs(bias) >= 0.1) {
    advice.push({
      code: "calibration",
      title: bias > 0 ? "Scores promise too much" : "Scores promise too little",
      text:
        `They are ${percent(Math.abs(bias))} ${bias > 0 ? "above" : "below"} the share of ` +
        "detections that are right. AP does not notice; a person who reads scores does.",
      cost: Math.abs(bias) / 10,
      href: "#calibration",
      does: "See the scores",
    });
  }
  return advice;
}

/**
 * How much scores are above the share of right detections, on the average.
 * @param {Evaluation["calibration"]} calibration
 */
export function scoreBias(calibration) {
  let sum = 0;
  let all = 0;
  for (const bin of calibration?.bins ?? []) {
    if (!bin.count) continue;
    sum += bin.count * (bin.confidence - bin.precision);
    all += bin.count;
  }
  return all ? sum / all : 0;
}

/** @param {string} text */
function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * @param {State} state
 * @returns {Advice}
 */
function noDetections(state) {
  return {
    code: "no_detections",
    title: "There are no detections",
    text: "The run has none in these images, so nothing is found. Was its file empty or cut short?",
    cost: 1,
    href: addressOf("import", null, { dataset: state.dataset }),
    does: "Import it again",
  };
}

/**
 * @param {State} state
 * @param {Evaluation} document
 * @param {(changes: Partial<State>) => string} here
 * @returns {Advice[]}
 */
export function advise(state, document, here) {
  if (document.detections === 0) return [noDetections(state)];
  return [
    ...aboutErrors(state, document),
    ...aboutClass(state, document),
    ...aboutPair(state, document),
    ...aboutScores(state, document, here),
  ].sort((a, b) => b.cost - a.cost);
}
