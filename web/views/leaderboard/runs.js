/** The table of runs: ticks, rank, numbers, history, and what one can do next. */
import { history } from "../../charts/history.js";
import { addressOf } from "../../lib/address.js";
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, metric, when } from "../../lib/format.js";
import { metricsOf } from "../../lib/metrics.js";
import { isOfAll, overlapQuery } from "../../lib/sigmas.js";
import { sortableTable } from "../../parts/table.js";
import { againstBest, canHaveInterval, pairOf, ticked } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("../../lib/router.js").Page} Page
 * @typedef {import("./state.js").Run} Run
 * @typedef {import("./state.js").State} State
 */

/**
 * A box to tick; what is ticked is in the address.
 * @param {Page} page
 * @param {Run} run
 * @param {(draw: () => void) => void} onpair
 */
function tick(page, run, onpair) {
  const box = h("input", {
    type: "checkbox",
    "aria-label": `Compare ${run.run_name}`,
    onchange: () => {
      const now = pairOf(new URLSearchParams(location.search));
      const [a, b] = ticked(now, run.run_name, box.checked);
      page.set({ run: a ?? null, with: b ?? null }, "replace");
    },
  });
  const draw = () => {
    box.checked = pairOf(new URLSearchParams(location.search)).includes(run.run_name);
  };
  draw();
  onpair(draw);
  return box;
}

/**
 * A bar with its number, and the interval where there is one.
 * @param {State} state
 * @param {Run} run
 */
function valueCell(state, run) {
  if (run.value === null || run.value < 0) return h("span", { class: "soft" }, "–");
  const range = canHaveInterval(state) ? run.interval : null;
  const bar = h("span", { class: "board-bar", "aria-hidden": "true" }, h("span"));
  /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${run.value * 100}%`;
  if (range) {
    const whisker = h("span", { class: "board-whisker" });
    whisker.style.left = `${range.low * 100}%`;
    whisker.style.width = `${(range.high - range.low) * 100}%`;
    bar.append(whisker);
  }
  const words = range ? `95 % interval ${metric(range.low)} to ${metric(range.high)}` : null;
  return h(
    "span",
    { class: "board-value", title: words },
    h("span", { class: "board-number" }, metric(run.value)),
    bar,
    range &&
      h("span", { class: "board-range soft" }, `${metric(range.low)} – ${metric(range.high)}`),
  );
}

/**
 * The numbers of a run's name over time, read when they come into view.
 * @param {Page} page
 * @param {State} state
 * @param {Run} run
 * @param {AbortSignal} signal
 */
function historyCell(page, state, run, signal) {
  const cell = h("div", { class: "board-history" });
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    load().catch((error) => {
      if (!isAbort(error) && !signal.aborted) fill(cell, "–");
    });
  });
  async function load() {
    /** @type {Schemas["EvaluationHistory"]} */
    const document = await read(
      datasetPath(page.dataset, "runs", run.run_name, "evaluations"),
      {},
      signal,
    );
    const points = document.evaluations
      .filter((one) => isOfAll(one, state.kind, overlapQuery(state).sigmas))
      .map((one) => ({
        at: one.evaluated_at,
        value: one.metrics?.[state.metric] ?? null,
        isCurrent: one.is_current,
      }))
      .reverse();
    if (points.length < 2) {
      fill(cell, h("span", { class: "soft" }, points.length ? "first import" : "–"));
      return;
    }
    const options = {
      caption: `${state.metric} of ${run.run_name} over its imports`,
      axis: state.metric,
      format: (/** @type {number} */ value) => metric(value),
      isSmall: true,
    };
    fill(cell, history(options, { points }).element);
  }
  watch.observe(cell);
  return cell;
}

/**
 * @param {Page} page
 * @param {State} state
 * @param {Run[]} runs
 * @param {Run} run
 */
function bestLink(page, state, runs, run) {
  const pair = againstBest(runs, run);
  if (!pair) return "";
  const isBest = run.run_name === runs[0].run_name;
  return h(
    "a",
    {
      href: addressOf("comparison", page.dataset, {
        run: pair.a,
        with: pair.b,
        ...overlapQuery(state),
      }),
    },
    isBest ? "against the second" : "against the best",
    h("span", { class: "unseen" }, `: ${run.run_name} compared with ${pair.a}`),
  );
}

/** Numbers beside the chosen one. @param {State} state */
function otherMetrics(state) {
  return metricsOf(state.kind)
    .filter((name) => ["AP", "AP50", "AP75"].includes(name) && name !== state.metric)
    .slice(0, 2);
}

/**
 * @param {object} options
 * @param {Page} options.page
 * @param {State} options.state
 * @param {Run[]} options.runs
 * @param {import("./evaluate.js").Evaluator} options.evaluations
 * @param {AbortSignal} options.signal
 * @param {(draw: () => void) => void} options.onpair  calls it when other runs are ticked
 */
export function runsTable({ page, state, runs, evaluations, signal, onpair }) {
  /** @type {import("../../parts/table.js").Column<Run>[]} */
  const columns = [
    { title: "compare", show: (run) => tick(page, run, onpair) },
    { title: "rank", number: true, by: (run) => run.rank, show: (run) => run.rank ?? "–" },
    {
      title: "run",
      by: (run) => run.run_name,
      show: (run) =>
        h(
          "a",
          {
            class: "board-name",
            title: run.run_name,
            href: addressOf("evaluation", page.dataset, {
              run: run.run_name,
              ...overlapQuery(state),
            }),
          },
          run.run_name,
        ),
    },
    {
      title: state.metric,
      by: (run) => run.value,
      show: (run) => (run.evaluation_id === null ? evaluations.button(run) : valueCell(state, run)),
    },
    {
      title: "is it really better?",
      show: (run) => bestLink(page, state, runs, run),
    },
    ...otherMetrics(state).map((name) => ({
      title: name,
      number: true,
      by: (/** @type {Run} */ run) => run.metrics?.[name],
      show: (/** @type {Run} */ run) => metric(run.metrics?.[name]),
    })),
    {
      title: "best F1",
      number: true,
      by: (run) => run.best_f1?.f1,
      show: (run) => metric(run.best_f1?.f1),
      explain: "the highest F1 over all least scores, at an overlap of 0.5",
    },
    {
      title: "predictions",
      number: true,
      by: (run) => run.prediction_count,
      show: (run) => count(run.prediction_count),
    },
    {
      title: "over time",
      show: (run) => historyCell(page, state, run, signal),
      explain: "the number of each import of this name",
    },
    { title: "imported", by: (run) => run.imported_at, show: (run) => when(run.imported_at) },
  ];
  return sortableTable({
    caption: `Runs by ${state.metric}`,
    rows: runs,
    columns,
    limit: 500,
  });
}
