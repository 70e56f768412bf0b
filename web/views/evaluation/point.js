/**
 * The operating point, and the curves that it lies on: precision over recall at several IoUs, and
 * precision, recall and F1 over the least score. For all classes, or for one.
 */
import { lines } from "../../charts/lines.js";
import { fill, h } from "../../lib/dom.js";
import { count, metric } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { card, tile } from "../../parts/card.js";
import { choice } from "../../parts/controls.js";
import { problemBox } from "../../parts/states.js";
import { confidenceData, hasCurve, NO_CURVES, overConfidence, precisionRecall } from "./curves.js";
import { curveStore } from "./load_curves.js";
import { POINT_WORDS } from "./words.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("./state.js").Point} Point
 */

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

/** @param {AbortSignal} signal */
function charts(signal) {
  const precision = lines(
    {
      caption: "Precision over recall, at several IoUs",
      x: { title: "recall", low: 0, high: 1 },
      y: { title: "precision", low: 0, high: 1 },
      signal,
    },
    { lines: [] },
  );
  const confidence = lines(
    {
      caption: "F1, precision and recall over the score",
      x: { title: "least score", low: 0, high: 1 },
      y: { title: "share", low: 0, high: 1 },
      signal,
    },
    { lines: [] },
  );
  return { precision, confidence };
}

/**
 * What is to be known of the curves.
 * @param {State} state
 * @param {import("./curves.js").Curves | undefined} curves
 */
function curveNote(state, curves) {
  const lacks = curves && !hasCurve(curves, state.iou);
  return [
    lacks ? `The curve at IoU ${state.iou.toFixed(2)} is not here yet. ` : "",
    state.class
      ? ""
      : "The curves are means over classes; the point counts all objects " +
        "alike, so it may lie beside them.",
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
  const { precision, confidence } = charts(signal);
  const note = h("p", { class: "soft note" });
  const allButton = h(
    "button",
    { onclick: () => void loadAll(), hidden: true },
    `Load the curves of all ${count(rows.length)} classes`,
  );
  const element = card(
    { id: "point", title: "Operating point", end: classes.element },
    tiles,
    trouble,
    h(
      "div",
      { class: "two-charts" },
      h("div", null, h("h3", null, "Precision and recall"), allButton, precision.element, note),
      h("div", null, h("h3", null, "What another least score would give"), confidence.element),
    ),
  );
  const store = curveStore({
    state,
    rows,
    signal,
    onload: () => {
      fill(trouble);
      draw();
    },
    onproblem: (error) => fill(trouble, problemBox(error)),
  });

  /** The point and the best F1 of what is chosen. */
  function chosen() {
    const row = (now.document.per_class ?? []).find((one) => className(one) === now.state.class);
    return now.state.class ? row : now.document;
  }

  function draw() {
    const of = chosen();
    const point = of?.operating_point ?? null;
    const best = of?.best_f1 ?? null;
    const curves = store.curves.get(now.state.class);
    fill(tiles, pointTiles(point));
    precision.update(precisionRecall(curves ?? NO_CURVES, now.state, point));
    fill(note, ...curveNote(now.state, curves));
    const calibration = now.state.class ? store.calibration(now.state) : now.document.calibration;
    const numbers = calibration ? overConfidence(calibration.bins, [point, best]) : [];
    confidence.update(confidenceData(numbers, best, now.state));
  }

  async function loadAll() {
    allButton.hidden = true;
    precision.element.setAttribute("aria-busy", "true");
    await store.loadAll();
    precision.element.removeAttribute("aria-busy");
  }

  draw();
  return {
    element,
    /** Asks for the curves. @returns {Promise<void>} */
    async load() {
      store.move(state);
      if (store.isTooMany) allButton.hidden = false;
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
      store.move(nextState);
    },
  };
}
