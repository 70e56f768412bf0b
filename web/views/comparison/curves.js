/** Precision over recall of both runs, with their operating points. */
import { lines } from "../../charts/lines.js";
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { sourceColor } from "../../lib/color.js";
import { fill, h } from "../../lib/dom.js";
import { metric } from "../../lib/format.js";
import { choice } from "../../parts/controls.js";
import { problemBox } from "../../parts/states.js";
import { className } from "./addresses.js";
import { selection } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 */

const DEBOUNCE_MS = 80;

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
 * @param {string} id  of a class; "" is all
 */
export function curveOf(evaluation, id) {
  const { curves } = evaluation;
  const one = id ? curves?.per_class?.find((row) => String(row.category_id) === id) : null;
  const precision = (id ? one?.precision : curves?.precision)?.[0] ?? [];
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
  let stop = new AbortController();
  let timer = 0;
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
    onchange: () => draw(),
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
    const id = classes.select.value;
    const row = comparison.per_class.find((one) => String(one.category_id) === id);
    const point = id ? row?.operating_point : comparison.operating_point;
    const color = (/** @type {number} */ i) => sourceColor(i + 1);
    chart.update({
      lines: both.map((evaluation, i) => ({
        label: evaluation.run,
        color: color(i),
        points: curveOf(evaluation, id),
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

  async function load(/** @type {State} */ wanted) {
    stop.abort();
    const now = (stop = new AbortController());
    const signal = AbortSignal.any([now.signal, page.signal]);
    element.setAttribute("aria-busy", "true");
    try {
      both = await Promise.all(
        [wanted.a, wanted.b].map((run) => evaluationOf(page.dataset, run, wanted, signal)),
      );
      fill(problem);
      draw();
    } catch (error) {
      loaded = "";
      if (!signal.aborted && !isAbort(error)) fill(problem, problemBox(error));
    } finally {
      if (now === stop) element.removeAttribute("aria-busy");
    }
  }

  return {
    element,
    whole(document) {
      const chosen = classes.select.value;
      const options = document.per_class.filter((row) => row.truths > 0);
      fill(
        classes.select,
        h("option", { value: "" }, "all classes"),
        options.map((row) => h("option", { value: row.category_id }, className(row))),
      );
      const isThere = options.some((row) => String(row.category_id) === chosen);
      classes.select.value = isThere ? chosen : "";
    },
    live(document, next) {
      comparison = document;
      state = next;
      draw();
      const key = JSON.stringify([next.a, next.b, selection(next), next.iou]);
      if (key === loaded) return;
      loaded = key;
      element.setAttribute("aria-busy", "true");
      clearTimeout(timer);
      timer = setTimeout(() => void load(next), DEBOUNCE_MS);
    },
  };
}
