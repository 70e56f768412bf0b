/** What became of the detections and objects of both runs, and what each kind of error costs. */
import { bars } from "../../charts/bars.js";
import { outcomeColor, sourceColor } from "../../lib/color.js";
import { fill, h } from "../../lib/dom.js";
import { count, difference, metric } from "../../lib/format.js";
import { OUTCOME_WORDS, outcomeName, OUTCOMES } from "../../lib/outcomes.js";
import { sortableTable } from "../../parts/table.js";
import { outcomeAddress } from "./addresses.js";
import { goodness, signedCount } from "./point.js";
import { shortNames } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {NonNullable<Schemas["ErrorCosts"]>} Costs
 * @typedef {keyof Schemas["OutcomeCounts"]} Outcome
 */

const KINDS = OUTCOMES.filter((outcome) => outcome !== "ignored");

/** @param {Costs} costs @param {Outcome} kind */
function costOf(costs, kind) {
  const cost = costs.dap?.[kind];
  return cost === undefined || cost < 0 ? null : cost;
}

/**
 * Which kind of error costs B most, in a sentence.
 * @param {Costs} costs
 * @param {string} run
 */
function costText(costs, run) {
  const worst = KINDS.map((kind) => ({ kind, cost: costOf(costs, kind) ?? 0 })).sort(
    (x, y) => y.cost - x.cost,
  )[0];
  if (worst.cost <= 0) return `No kind of error costs ${run} anything.`;
  const words = /** @type {Partial<Record<Outcome, string>>} */ ({
    localisation: "boxes that are too loose or shifted",
    classification: "wrong classes",
    both: "detections of the wrong class that are misplaced, too",
    duplicate: "second detections of the same object",
    background: "detections where nothing is",
    missed: "objects that it misses",
  });
  return (
    `Most of what ${run} still loses is due to ${words[worst.kind]}: without them its AP50 would ` +
    `be ${metric(worst.cost)} higher.`
  );
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {Costs} a
 * @param {Costs} b
 */
function errorTable(dataset, state, a, b) {
  const number = (/** @type {Costs} */ costs, /** @type {Outcome} */ kind) =>
    costs.counts[kind] ?? 0;
  const link = (/** @type {string} */ run, /** @type {Costs} */ costs) =>
    function shown(/** @type {Outcome} */ kind) {
      const many = number(costs, kind);
      if (!many) return "0";
      return h("a", { href: outcomeAddress(dataset, state, run, kind) }, count(many));
    };
  const costChange = (/** @type {Outcome} */ kind) => {
    const before = costOf(a, kind);
    const after = costOf(b, kind);
    return before === null || after === null ? null : after - before;
  };
  const names = shortNames(state);
  return sortableTable({
    caption: "What became of detections and objects",
    rows: KINDS,
    columns: [
      {
        title: "outcome",
        by: outcomeName,
        show: (kind) =>
          h(
            "span",
            { class: "versus-name", title: OUTCOME_WORDS[kind] },
            h("span", { class: "swatch", style: { background: outcomeColor(kind) } }),
            outcomeName(kind),
          ),
      },
      { title: names.a, number: true, by: (kind) => number(a, kind), show: link(state.a, a) },
      { title: names.b, number: true, by: (kind) => number(b, kind), show: link(state.b, b) },
      {
        title: "B − A",
        number: true,
        by: (kind) => number(b, kind) - number(a, kind),
        show: (kind) => {
          const change = number(b, kind) - number(a, kind);
          const isGood = kind === "true_positive";
          return h("span", { class: goodness(change, isGood) }, signedCount(change));
        },
      },
      {
        title: `costs ${names.a}`,
        number: true,
        by: (kind) => costOf(a, kind),
        show: (kind) => metric(costOf(a, kind)),
        explain: "AP50 that would be gained if this kind of error alone were repaired",
      },
      {
        title: `costs ${names.b}`,
        number: true,
        by: (kind) => costOf(b, kind),
        show: (kind) => metric(costOf(b, kind)),
        explain: "AP50 that would be gained if this kind of error alone were repaired",
      },
      {
        title: "B − A",
        number: true,
        by: costChange,
        show: (kind) =>
          h(
            "span",
            { class: goodness(costChange(kind) ?? 0, false) },
            difference(costChange(kind)),
          ),
      },
    ],
  });
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @returns {import("./parts.js").Part}
 */
export function errorsPart(page) {
  const words = h("p", { class: "versus-lead" });
  const box = h("div");
  const chart = bars(
    {
      caption: "What each kind of error costs both runs",
      groupTitle: "error",
      axis: "AP50 lost",
      format: (value) => metric(Math.max(0, value)),
      low: 0,
    },
    { series: [], groups: [] },
  );
  const element = h(
    "section",
    { class: "card versus-errors" },
    h("h2", null, "What became of errors"),
    words,
    h("div", { class: "versus-two" }, chart.element, box),
  );
  return {
    element,
    whole(document, state) {
      const { a, b } = document.errors;
      element.hidden = !a || !b;
      if (!a || !b) return;
      fill(words, costText(b, document.b.run));
      chart.update({
        series: [
          { label: document.a.run, color: sourceColor(1) },
          { label: document.b.run, color: sourceColor(2) },
        ],
        groups: KINDS.filter((kind) => costOf(a, kind) !== null || costOf(b, kind) !== null).map(
          (kind) => ({
            label: outcomeName(kind),
            values: [costOf(a, kind), costOf(b, kind)],
            links: [state.a, state.b].map((run) => outcomeAddress(page.dataset, state, run, kind)),
            notes: [OUTCOME_WORDS[kind], OUTCOME_WORDS[kind]],
          }),
        ),
      });
      fill(box, errorTable(page.dataset, state, a, b));
    },
  };
}
