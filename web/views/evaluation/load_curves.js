/** Asks for the curves and the calibration of all classes and of each that is chosen. */
import { read } from "../../lib/api.js";
import { className } from "../../lib/names.js";
import { debounced, newestOnly } from "../../lib/newest.js";
import { hasCurve, merged, NAMED } from "./curves.js";
import { evaluationQuery, runPath } from "./state.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("./curves.js").Curves} Curves
 */

/** The document has the curves of each class: with more classes only some IoUs are asked for. */
const MANY = 150;
/** With still more, somebody has to want them. */
const TOO_MANY = 1000;
/** How long the slider rests at an IoU before its curve is asked for. */
const REST_MS = 300;

/**
 * @param {object} options
 * @param {State} options.state
 * @param {import("./state.js").ClassNumbers[]} options.rows
 * @param {AbortSignal} options.signal
 * @param {() => void} options.onload  something new is there
 * @param {(error: unknown) => void} options.onproblem
 */
export function curveStore({ state, rows, signal, onload, onproblem }) {
  /** By class; "" is all of them. */
  const curves = /** @type {Map<string, Curves>} */ (new Map());
  /** By class and IoU. */
  const calibrations = /** @type {Map<string, NonNullable<Evaluation["calibration"]>>} */ (
    new Map()
  );
  const keyOf = (/** @type {State} */ { class: name, iou }) => `${name} ${iou}`;
  const isMany = rows.length > MANY;

  /** @param {number} iou */
  const thresholds = (iou) =>
    [...new Set([...NAMED.map(([threshold]) => threshold), iou])].sort((a, b) => a - b).join(",");

  /**
   * @param {State} wanted
   * @param {import("../../lib/address.js").QueryValues} query
   * @param {AbortSignal} stop
   * @returns {Promise<Evaluation>}
   */
  const ask = (wanted, query, stop) =>
    read(runPath(wanted, "evaluation"), { ...evaluationQuery(wanted), ...query }, stop);

  /**
   * What the chosen class still lacks.
   * @param {State} wanted
   * @param {AbortSignal} stop
   */
  async function loadClass(wanted, stop) {
    const row = rows.find((one) => className(one) === wanted.class);
    const hasCurves = curves.has(wanted.class);
    if (!row || (hasCurves && calibrations.has(keyOf(wanted)))) return;
    const include = hasCurves ? "calibration" : "curves,calibration";
    const query = { categories: row.category_id, iou: wanted.iou, include };
    const of = await ask(wanted, query, stop);
    const own = of.curves?.per_class?.[0];
    if (of.curves && own) {
      const { iou_thresholds, recall } = of.curves;
      curves.set(wanted.class, { iou_thresholds, recall, ...own });
    }
    if (of.calibration) calibrations.set(keyOf(wanted), of.calibration);
  }

  /**
   * The curves of all classes: all of them, or the one at the chosen IoU if that alone lacks.
   * @param {State} wanted
   * @param {AbortSignal} stop
   */
  async function loadAll(wanted, stop) {
    const some = curves.get("");
    if (hasCurve(some, wanted.iou)) return;
    const asked = some ? String(wanted.iou) : isMany ? thresholds(wanted.iou) : null;
    const made = await ask(wanted, { include: "curves", iou_thresholds: asked }, stop);
    if (!made.curves) return;
    const { iou_thresholds, recall, precision } = made.curves; // those of each class are dropped
    curves.set("", merged(some, { iou_thresholds, recall, precision }));
  }

  /** @param {State} wanted @param {AbortSignal} stop */
  async function load(wanted, stop) {
    try {
      await (wanted.class ? loadClass(wanted, stop) : loadAll(wanted, stop));
      if (!stop.aborted) onload();
    } catch (error) {
      if (!stop.aborted) onproblem(error);
    }
  }

  const loadNewest = newestOnly(signal, load);
  const loadAtRest = debounced(REST_MS, signal, loadNewest);
  return {
    curves,
    isTooMany: rows.length > TOO_MANY,
    /** The calibration of the chosen class. @param {State} wanted */
    calibration: (wanted) => calibrations.get(keyOf(wanted)),
    /** Those of all classes, whatever is chosen. */
    loadAll: () => load({ ...state, class: "" }, signal),
    /** What another state lacks. @param {State} wanted */
    move(wanted) {
      if (wanted.class) loadNewest(wanted);
      else if (curves.has("") && !hasCurve(curves.get(""), wanted.iou)) loadAtRest(wanted);
    },
  };
}
