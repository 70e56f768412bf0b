/**
 * The operating point, and the curves that it lies on: precision over recall at several IoUs, and
 * precision, recall and F1 over the confidence. For all classes, or for one.
 */
import { lines } from "../../charts/lines.js";
import { read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, metric } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { newestOnly } from "../../lib/newest.js";
import { card, tile } from "../../parts/card.js";
import { choice } from "../../parts/controls.js";
import { problemBox } from "../../parts/states.js";
import { evaluationQuery, runPath } from "./state.js";
import { POINT_WORDS } from "./words.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("./state.js").Point} Point
 * @typedef {import("../../charts/lines.js").LineData} LineData
 */

/** With more classes the curves of all are not asked for unless somebody wants them. */
const MANY = 150;

/** Curves that are named beside the one at the chosen IoU. @type {[number, string][]} */
const NAMED = [
  [0.5, "var(--chart-3)"],
  [0.75, "var(--chart-2)"],
  [0.9, "var(--chart-4)"],
];

const NO_CURVES = { iou_thresholds: [], recall: [], precision: [] };

const isNear = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 1e-6;

/**
 * @param {{iou_thresholds: number[], recall: number[], precision: number[][] | null,
 *   scores?: number[][] | null}} curves
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
function confidenceData(numbers, best, state) {
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
    rules: [{ x: state.confidence, label: `confidence ${state.confidence.toFixed(2)}` }],
  };
}

/** @param {Point | null} point */
function pointTiles(point) {
  if (!point) return [tile("operating point", "–", "It is not kept for these parameters.")];
  const detections = point.true_positives + point.false_positives;
  const objects = point.true_positives + point.false_negatives;
  return [
    tile("precision", metric(point.precision), POINT_WORDS.precision),
    tile("recall", metric(point.recall), POINT_WORDS.recall),
    tile("F1", metric(point.f1), POINT_WORDS.f1),
    tile("right", count(point.true_positives), `of ${count(detections)} detections`),
    tile("wrong", count(point.false_positives), "detections that match no object"),
    tile("not found", count(point.false_negatives), `of ${count(objects)} objects`),
  ];
}

/**
 * @param {object} options
 * @param {State} options.state
 * @param {Evaluation} options.document
 * @param {AbortSignal} options.signal
 * @param {(name: string) => void} options.onclass
 */
export function operatingPoint({ state, document, signal, onclass }) {
  let now = { state, document };
  const rows = document.per_class ?? [];
  /** Curves of all classes and of each that was chosen; calibrations by class and IoU. */
  const curves = /** @type {Map<string, NonNullable<Parameters<typeof precisionRecall>[0]>>} */ (
    new Map()
  );
  const calibrations = /** @type {Map<string, NonNullable<Evaluation["calibration"]>>} */ (
    new Map()
  );

  const tiles = h("dl", { class: "stats" }, pointTiles(document.operating_point));
  const trouble = h("div");
  const classes = choice({
    label: "Class",
    value: state.class,
    options: [
      { value: "", label: "all classes" },
      ...rows.map((row) => ({ value: className(row), label: className(row) })),
    ],
    onchange: onclass,
  });
  const pr = lines(
    {
      caption: "Precision over recall, at several IoUs",
      x: { title: "recall", low: 0, high: 1 },
      y: { title: "precision", low: 0, high: 1 },
      signal,
    },
    { lines: [] },
  );
  const f1 = lines(
    {
      caption: "F1, precision and recall over the confidence",
      x: { title: "confidence", low: 0, high: 1 },
      y: { title: "share", low: 0, high: 1 },
      signal,
    },
    { lines: [] },
  );
  const prNote = h("p", { class: "soft note" });
  const allButton = h(
    "button",
    { onclick: () => loadAll(), hidden: true },
    `Load the curves of all ${count(rows.length)} classes`,
  );
  const element = card(
    { id: "point", title: "Operating point", end: classes.element },
    tiles,
    trouble,
    h(
      "div",
      { class: "two-charts" },
      h("div", null, h("h3", null, "Precision and recall"), allButton, pr.element, prNote),
      h("div", null, h("h3", null, "What another confidence would give"), f1.element),
    ),
  );

  const rowOf = (/** @type {string} */ name) => rows.find((row) => className(row) === name);

  /** The point and the best F1 of what is chosen. */
  function chosen() {
    const row = (now.document.per_class ?? []).find((one) => className(one) === now.state.class);
    return now.state.class ? row : now.document;
  }

  function draw() {
    const of = chosen();
    const point = of?.operating_point ?? null;
    fill(tiles, pointTiles(point));
    const curve = curves.get(now.state.class);
    pr.update(precisionRecall(curve ?? NO_CURVES, now.state, point));
    const hasCurve = curve?.iou_thresholds.some((iou) => isNear(iou, now.state.iou));
    fill(
      prNote,
      curve && !hasCurve ? `There is no curve at IoU ${now.state.iou.toFixed(2)}. ` : "",
      now.state.class
        ? ""
        : "The curves are means over classes; the point counts all objects " +
            "alike, so it may lie beside them.",
    );
    const key = now.state.class ? `${now.state.class} ${now.state.iou}` : "";
    const calibration = key ? calibrations.get(key) : now.document.calibration;
    const numbers = calibration
      ? overConfidence(calibration.bins, [point, of?.best_f1 ?? null])
      : [];
    f1.update(confidenceData(numbers, of?.best_f1 ?? null, now.state));
  }

  /** Asks for what the chosen class still lacks. */
  const ask = newestOnly(
    signal,
    /** @type {(wanted: State, stop: AbortSignal) => Promise<void>} */
    (
      async (wanted, stop) => {
        const row = rowOf(wanted.class);
        const key = `${wanted.class} ${wanted.iou}`;
        if (!row || (curves.has(wanted.class) && calibrations.has(key))) return;
        try {
          const query = {
            ...evaluationQuery(wanted),
            categories: row.category_id,
            iou: wanted.iou,
          };
          const include = curves.has(wanted.class) ? "calibration" : "curves,calibration";
          /** @type {Evaluation} */
          const of = await read(runPath(wanted, "evaluation"), { ...query, include }, stop);
          const own = of.curves?.per_class?.[0];
          if (of.curves && own) {
            const { iou_thresholds, recall } = of.curves;
            curves.set(wanted.class, { iou_thresholds, recall, ...own });
          }
          if (of.calibration) calibrations.set(key, of.calibration);
          fill(trouble);
          draw();
        } catch (error) {
          if (!stop.aborted) fill(trouble, problemBox(error));
        }
      }
    ),
  );

  async function loadAll() {
    allButton.hidden = true;
    pr.element.setAttribute("aria-busy", "true");
    try {
      const query = { ...evaluationQuery(state), include: "curves" };
      /** @type {Evaluation} */
      const all = await read(runPath(state, "evaluation"), query, signal);
      if (all.curves) curves.set("", all.curves);
      draw();
    } catch (error) {
      if (!signal.aborted) fill(trouble, problemBox(error));
    } finally {
      pr.element.removeAttribute("aria-busy");
    }
  }

  draw();
  return {
    element,
    /** Asks for the curves. @returns {Promise<void>} */
    async load() {
      if (state.class) ask(state);
      if (rows.length > MANY) allButton.hidden = false;
      else await loadAll();
    },
    /**
     * @param {State} nextState
     * @param {Evaluation} nextDocument
     */
    update(nextState, nextDocument) {
      now = { state: nextState, document: nextDocument };
      classes.select.value = nextState.class;
      draw();
      if (nextState.class) ask(nextState);
    },
  };
}
