/** Types of errors: how many, what each costs, and the images behind it. Calibration of scores. */
import { bars } from "../../charts/bars.js";
import { outcomeColor } from "../../lib/color.js";
import { h } from "../../lib/dom.js";
import { count, metric, percent } from "../../lib/format.js";
import { outcomeName } from "../../lib/outcomes.js";
import { card } from "../../parts/card.js";
import { scoreBias } from "./advice.js";
import { outcomeAddress } from "./state.js";
import { ERROR_TYPES, ERROR_WORDS } from "./words.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 */

/**
 * @param {State} state
 * @param {Evaluation} document
 */
export function errorTypes(state, document) {
  const costs = /** @type {Record<string, number> | undefined} */ (document.errors?.dap);
  const counts = /** @type {Record<string, number>} */ (document.errors?.counts ?? {});
  const types = [...ERROR_TYPES].sort((a, b) => (costs?.[b] ?? 0) - (costs?.[a] ?? 0));
  const series = [{ label: "errors", color: "var(--bad)" }];
  const group = (/** @type {string} */ type, /** @type {number | null} */ value) => ({
    label: outcomeName(type),
    values: [value],
    colors: [outcomeColor(type)],
    links: [outcomeAddress(state, type)],
    notes: [ERROR_WORDS[type].is],
  });
  const cost = bars(
    {
      caption: "What each type of error costs",
      groupTitle: "type",
      axis: "AP50 that would be gained without it (dAP)",
      format: (value) => value.toFixed(3),
      tickFormat: (value) => value.toFixed(2),
    },
    { series, groups: types.map((type) => group(type, costs?.[type] ?? null)) },
  );
  const number = bars(
    { caption: "How many errors of each type", groupTitle: "type", axis: "errors", format: count },
    { series, groups: types.map((type) => group(type, counts[type] ?? null)) },
  );
  const words = types.flatMap((type) => [
    h(
      "dt",
      null,
      h("span", { class: "swatch", style: { background: outcomeColor(type) } }),
      outcomeName(type),
    ),
    h("dd", null, ERROR_WORDS[type].is, " ", h("span", { class: "soft" }, ERROR_WORDS[type].helps)),
  ]);
  return card(
    { id: "errors", title: "Types of errors" },
    h(
      "p",
      { class: "soft" },
      `${count(counts.true_positive ?? 0)} detections are right. Many errors with low scores may ` +
        "cost little, a few sure ones much. A bar opens the images. (TIDE's types, at IoU 0.50.)",
    ),
    h(
      "div",
      { class: "two-charts" },
      h("div", null, h("h3", null, "What they cost"), cost.element),
      h("div", null, h("h3", null, "How many"), number.element),
    ),
    h(
      "details",
      null,
      h("summary", null, "what the types mean"),
      h("dl", { class: "meanings" }, words),
    ),
  );
}

/** @param {Evaluation} document */
function verdict(document) {
  const bias = scoreBias(document.calibration);
  const ece = document.ece ?? -1;
  if (ece < 0) return "There are no detections to judge.";
  const off = `On the average a score is ${percent(ece)} off (ECE ${metric(ece)}).`;
  if (ece < 0.05) return `Scores can be read as probabilities. ${off}`;
  if (bias > ece / 2) return `Scores promise too much. ${off}`;
  if (bias < -ece / 2) return `Scores promise too little. ${off}`;
  return `Scores are too high in places, too low in others. ${off}`;
}

/**
 * @param {Evaluation} document
 * @returns {import("../../charts/bars.js").BarData}
 */
function reliability(document) {
  const known = (/** @type {number} */ value) => (value < 0 ? null : value);
  return {
    series: [
      { label: "promised: the mean score", color: "var(--chart-2)" },
      { label: "kept: the share that is right", color: "var(--chart)" },
    ],
    groups: (document.calibration?.bins ?? []).map((bin) => ({
      label: `${bin.low.toFixed(1)}–${bin.high.toFixed(1)}`,
      values: [known(bin.confidence), known(bin.precision)],
      notes: [`${count(bin.count)} detections`, `${count(bin.count)} detections`],
    })),
  };
}

/** @param {Evaluation} document */
export function calibration(document) {
  const words = h("p", null, verdict(document));
  const chart = bars(
    {
      caption: "Calibration: what scores promise, and what they keep",
      groupTitle: "score",
      axis: "share of detections",
      groupAxis: "score of the detection",
      direction: "vertical",
      low: 0,
      high: 1,
      format: (value) => value.toFixed(2),
    },
    reliability(document),
  );
  const element = card(
    { id: "calibration", title: "Calibration" },
    words,
    chart.element,
    h(
      "p",
      { class: "soft note" },
      "Of detections with a score of 0.8, eight of ten should be right. The largest difference " +
        "of a bin is the MCE: ",
      h("span", null, metric(document.mce)),
      ".",
    ),
  );
  return {
    element,
    /** @param {Evaluation} next */
    update(next) {
      words.textContent = verdict(next);
      chart.update(reliability(next));
      const mce = element.querySelector(".note span");
      if (mce) mce.textContent = metric(next.mce);
    },
  };
}
