/** Precision over recall of both runs, with their operating points. */
import { lines } from "../../charts/lines.js";
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { sourceColor } from "../../lib/color.js";
import { fill, h } from "../../lib/dom.js";
import { metric } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { newestOnly } from "../../lib/newest.js";
import { choice } from "../../parts/controls.js";
import { problemBox } from "../../parts/states.js";
import { selection } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 */

/**
 * The evaluation of a run at the one IoU of the slider: a tenth of all curves.
 * @param {string} dataset
 * @param {string} run
 * @param {State} state
 * @param {AbortSignal} signal
 * @returns {Promise<Schemas["Evaluation"]>}
 */
function evaluationOf(dataset, run, state, signal) {
  const query = { ...selection(state), iou_thresholds: state.iou, include: "curves" };
  return read(datasetPath(dataset, "runs", run, "evaluation"), query, signal);
}

/**
 * @param {Schemas["Evaluation"]} evaluation
 * @param {number | null} id  of a class; null is all
 */
function curveOf(evaluation, id) {
  const { curves } = evaluation;
  const one = curves?.per_class?.find((row) => row.category_id === id);
  const precision = (id === null ? curves?.precision : one?.precision)?.[0] ?? [];
  return precision.map((y, i) => ({ x: curves?.recall[i] ?? 0, y })).filter(({ y }) => y >= 0);
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @returns {import("./parts.js").Part}
 */
export function curvesPart(page) {
  let comparison = /** @type {Schemas["Comparison"] | null} */ (null);
  let state = /** @type {State | null} */ (null);
  let both = /** @type {Schemas["Evaluation"][]} */ ([]);
  let loaded = "";
  const load = newestOnly(page.signal, loadCurves);
  const chart = lines(
    {
      caption: "Precision over recall of both runs",
      x: { title: "recall: share of the objects that are found", low: 0, high: 1 },
      y: { title: "precision: share of right detections", low: 0, high: 1 },
      height: 340,
      signal: page.signal,
    },
    { lines: [] },
  );
  const problem = h("div");
  const classes = choice({
    label: "Class",
    value: "",
    options: [{ value: "", label: "all classes" }],
    onchange: (value) => page.set({ class: value }),
  });
  const element = h(
    "section",
    { class: "card versus-curves" },
    h("div", { class: "head" }, h("h2", null, "Precision and recall"), classes.element),
    h(
      "p",
      { class: "soft" },
      "The further up and right, the better. Curves are of the chosen IoU, for all classes the " +
        "mean of theirs; dots are the runs at the chosen confidence, all objects counted alike.",
    ),
    chart.element,
    problem,
  );

  function draw() {
    if (!state || !comparison || both.length < 2) return;
    const name = state.class;
    const row = name && comparison.per_class.find((one) => className(one) === name);
    const point = row ? row.operating_point : comparison.operating_point;
    const color = (/** @type {number} */ i) => sourceColor(i + 1);
    chart.update({
      lines: both.map((evaluation, i) => ({
        label: evaluation.run,
        color: color(i),
        points: curveOf(evaluation, row ? row.category_id : null),
      })),
      dots: [point?.a, point?.b].flatMap((dot, i) =>
        dot && dot.precision >= 0 && dot.recall >= 0
          ? [
              {
                label: `${both[i].run} at ${metric(dot.confidence, 2)}`,
                color: color(i),
                x: dot.recall,
                y: dot.precision,
              },
            ]
          : [],
      ),
    });
  }

  /**
   * @param {State} wanted
   * @param {AbortSignal} signal
   */
  async function loadCurves(wanted, signal) {
    try {
      both = await Promise.all(
        [wanted.a, wanted.b].map((run) => evaluationOf(page.dataset, run, wanted, signal)),
      );
      fill(problem);
      draw();
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      loaded = "";
      fill(problem, problemBox(error));
    } finally {
      if (!signal.aborted) element.removeAttribute("aria-busy");
    }
  }

  return {
    element,
    whole(document, next) {
      const names = document.per_class.filter((row) => row.truths > 0).map(className);
      if (next.class && !names.includes(next.class)) names.push(next.class);
      fill(
        classes.select,
        h("option", { value: "" }, "all classes"),
        names.map((name) => h("option", { value: name }, name)),
      );
      classes.select.value = next.class;
    },
    live(document, next) {
      comparison = document;
      state = next;
      draw();
      const key = JSON.stringify([next.a, next.b, selection(next), next.iou]);
      if (key === loaded) return;
      loaded = key;
      element.setAttribute("aria-busy", "true");
      load(next);
    },
    view(next) {
      state = next;
      classes.select.value = next.class;
      draw();
    },
  };
}
