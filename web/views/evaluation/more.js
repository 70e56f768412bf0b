/** The run on each slice, and the history of its name. */
import { bars } from "../../charts/bars.js";
import { history } from "../../charts/history.js";
import { addressOf } from "../../lib/address.js";
import { pages, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted, metric } from "../../lib/format.js";
import { isOfAll } from "../../lib/sigmas.js";
import { card } from "../../parts/card.js";
import { empty, loading, problemBox } from "../../parts/states.js";
import { overlapQuery, runPath } from "./state.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 */

/**
 * @param {State} state
 * @param {AbortSignal} signal
 */
export function slices(state, signal) {
  const box = h("div", null, loading("8rem"));
  const element = card(
    { id: "slices", title: "Slices" },
    h("p", { class: "soft" }, "The same run on parts of the dataset. A bar opens its evaluation."),
    box,
  );
  async function load() {
    try {
      /** @type {Schemas["SliceEvaluations"]} */
      const made = await read(
        runPath(state, "evaluation", "slices"),
        { ...overlapQuery(state), split: state.split },
        signal,
      );
      if (!made.slices.length) {
        const to = addressOf("images", state.dataset, { run: state.run });
        fill(
          box,
          empty("No slices yet", h("a", { href: to }, "Filter images"), " and make one of them."),
        );
        return;
      }
      const rows = [{ ...made.whole, slice: null }, ...made.slices];
      const chart = bars(
        {
          caption: "AP of each slice",
          groupTitle: "slice",
          axis: "AP",
          low: 0,
          high: 1,
          format: metric,
          tickFormat: (value) => value.toFixed(1),
        },
        {
          series: [{ label: "AP", color: "var(--chart)" }],
          groups: rows.map((row) => ({
            label: row.slice ?? (state.split ? `all of ${state.split}` : "all images"),
            values: [row.metrics && row.metrics.AP >= 0 ? row.metrics.AP : null],
            colors: [row.slice ? "var(--chart)" : "var(--soft)"],
            notes: [
              `${counted(row.image_count, "image")}, ${count(row.truths ?? 0)} objects, ` +
                `precision ${metric(row.operating_point?.precision)}, ` +
                `recall ${metric(row.operating_point?.recall)}`,
            ],
            links: [
              addressOf("evaluation", state.dataset, {
                run: state.run,
                split: state.split,
                slice: row.slice,
                ...overlapQuery(state),
              }),
            ],
          })),
        },
      );
      fill(box, chart.element);
    } catch (error) {
      if (!signal.aborted) fill(box, problemBox(error));
    }
  }
  return { element, load };
}

/**
 * Evaluations of the run's name, whatever was imported under it.
 * @param {State} state
 * @param {AbortSignal} signal
 */
export function runHistory(state, signal) {
  const box = h("div", null, loading("12rem"));
  const element = card(
    { id: "history", title: "History" },
    h(
      "p",
      { class: "soft" },
      "AP of what was imported under this name, on all images. The full dot is what holds now.",
    ),
    box,
  );
  async function load() {
    try {
      const points = [];
      for await (const page of /** @type {AsyncGenerator<Schemas["EvaluationHistory"]>} */ (
        pages(runPath(state, "evaluations"), {}, signal)
      )) {
        points.push(...page.evaluations);
        if (points.length >= 300) break;
      }
      const shown = points
        .filter((one) => isOfAll(one, state.iouType, overlapQuery(state).sigmas))
        .slice(0, 60)
        .reverse()
        .map((one) => ({
          at: one.evaluated_at,
          value: one.metrics && one.metrics.AP >= 0 ? one.metrics.AP : null,
          low: one.interval?.low,
          high: one.interval?.high,
          isCurrent: one.is_current,
          note: `${count(one.detections)} detections, ${count(one.truths)} objects`,
        }));
      const chart = history(
        { caption: "AP over time", axis: "AP", format: metric },
        { points: shown },
      );
      fill(box, shown.length ? chart.element : empty("No evaluation of all images yet"));
    } catch (error) {
      if (!signal.aborted) fill(box, problemBox(error));
    }
  }
  return { element, load };
}
