/** What the curves of an operating point are drawn from. Plain logic, without the page. */
import { metric } from "../../lib/format.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("./state.js").Point} Point
 * @typedef {import("../../charts/lines.js").LineData} LineData
 * @typedef {object} Curves  of all classes, or of one
 * @property {number[]} iou_thresholds
 * @property {number[]} recall
 * @property {number[][] | null} precision  at each recall, for each threshold
 * @property {number[][] | null} [scores]
 */

/** Curves that are named beside the one at the chosen IoU. @type {[number, string][]} */
export const NAMED = [
  [0.5, "var(--chart-3)"],
  [0.75, "var(--chart-2)"],
  [0.9, "var(--chart-4)"],
];

/** @type {Curves} */
export const NO_CURVES = { iou_thresholds: [], recall: [], precision: [] };

export const isNear = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 1e-6;

/**
 * Whether there is a curve at an IoU.
 * @param {Curves | undefined} curves
 * @param {number} iou
 */
export function hasCurve(curves, iou) {
  return Boolean(curves?.iou_thresholds.some((one) => isNear(one, iou)));
}

/**
 * The curves of all classes of both, in the order of their IoUs.
 * @param {Curves | undefined} some
 * @param {Curves} more
 * @returns {Curves}
 */
export function merged(some, more) {
  if (!some) return more;
  const rowsOf = (/** @type {Curves} */ from) =>
    from.iou_thresholds.map((iou, i) => ({
      iou,
      precision: from.precision?.[i] ?? [],
    }));
  const old = rowsOf(some).filter(({ iou }) => !hasCurve(more, iou));
  const rows = [...old, ...rowsOf(more)].sort((a, b) => a.iou - b.iou);
  return {
    iou_thresholds: rows.map(({ iou }) => iou),
    recall: more.recall,
    precision: rows.map(({ precision }) => precision),
  };
}

/**
 * @param {Curves} curves
 * @param {State} state
 * @param {Point | null} point
 * @returns {LineData}
 */
export function precisionRecall(curves, state, point) {
  const made = curves.iou_thresholds.map((iou, i) => {
    const isChosen = isNear(iou, state.iou);
    const named = NAMED.find(([threshold]) => isNear(threshold, iou));
    return {
      label: `IoU ${iou.toFixed(2)}`,
      color: isChosen ? "var(--chart)" : (named?.[1] ?? "var(--line)"),
      width: isChosen ? 3 : 1.5,
      isFaint: !isChosen && !named,
      points: curves.recall.map((x, k) => ({ x, y: Math.max(0, curves.precision?.[i]?.[k] ?? 0) })),
      notes: curves.scores?.[i]?.map((score) => (score < 0 ? "" : `score ${score.toFixed(3)}`)),
    };
  });
  const rank = (/** @type {typeof made[number]} */ line) =>
    line.width === 3 ? 0 : line.isFaint ? 2 : 1;
  made.sort((a, b) => rank(a) - rank(b));
  return { lines: made, dots: dotsOf(point, (one) => [one.recall, one.precision]) };
}

/**
 * @param {Point | null} point
 * @param {(point: NonNullable<Point>) => [number, number]} place
 */
function dotsOf(point, place) {
  if (!point) return [];
  const [x, y] = place(point);
  if (x < 0 || y < 0) return [];
  const note = `F1 ${metric(point.f1)}`;
  return [{ label: "operating point", color: "var(--bad)", x, y, note }];
}

/**
 * Numbers at the confidences that are known exactly: the edges of the bins of the calibration, the
 * operating point, and where F1 is best.
 * @param {NonNullable<Evaluation["calibration"]>["bins"]} bins
 * @param {(Point | null)[]} points
 */
export function overConfidence(bins, points) {
  const known = points.flatMap((point) =>
    point && point.confidence !== null ? [{ ...point, confidence: point.confidence }] : [],
  );
  const truths = known.length ? known[0].true_positives + known[0].false_negatives : 0;
  let found = 0;
  let all = 0;
  const made = [...bins].reverse().map((bin) => {
    if (bin.count) found += bin.count * bin.precision;
    all += bin.count;
    const right = Math.round(found);
    return {
      confidence: bin.low,
      precision: all ? right / all : -1,
      recall: truths ? right / truths : -1,
      f1: all + truths ? (2 * right) / (all + truths) : -1,
    };
  });
  return [...made, ...known].sort((a, b) => a.confidence - b.confidence);
}

/**
 * @param {ReturnType<typeof overConfidence>} numbers
 * @param {Point | null} best
 * @param {State} state
 * @returns {LineData}
 */
export function confidenceData(numbers, best, state) {
  const line = (
    /** @type {"precision" | "recall" | "f1"} */ name,
    /** @type {string} */ color,
  ) => ({
    label: name === "f1" ? "F1" : name,
    color,
    width: name === "f1" ? 3 : 2,
    points: numbers
      .filter((one) => one[name] >= 0)
      .map((one) => ({ x: one.confidence, y: one[name] })),
  });
  const dots = dotsOf(best, (one) => [one.confidence ?? -1, one.f1]);
  return {
    lines: [
      line("f1", "var(--chart)"),
      line("precision", "var(--chart-2)"),
      line("recall", "var(--chart-3)"),
    ],
    dots: dots.map((dot) => ({ ...dot, label: "best F1", color: "var(--good)" })),
    rules: [{ x: state.confidence, label: `score ${state.confidence.toFixed(2)}` }],
  };
}
