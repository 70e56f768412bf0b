/** COCO's numbers of both runs, their differences, and intervals around 0. */
import { intervals } from "../../charts/interval.js";
import { h, fill } from "../../lib/dom.js";
import { difference, metric, tickDigits } from "../../lib/format.js";
import { metricPhrase } from "../../lib/metrics.js";
import { sortableTable } from "../../parts/table.js";
import { goodness } from "./point.js";
import { shortNames } from "./state.js";
import { rangeText } from "./verdict.js";

/** @typedef {import("../../lib/api.js").Schemas} Schemas */

/** @param {Schemas["Comparison"]} document */
function chartRows(document) {
  return Object.entries(document.metrics.difference).map(([name, change]) => {
    const bootstrap = document.bootstrap?.metrics[name];
    const range = bootstrap?.difference;
    const verdict = bootstrap?.verdict;
    return {
      label: name,
      value: change,
      low: range?.[0] ?? null,
      high: range?.[1] ?? null,
      tone: /** @type {"good" | "bad" | null} */ (
        verdict === "better" ? "good" : verdict === "worse" ? "bad" : null
      ),
      note: metricPhrase(name),
    };
  });
}

/** @param {Schemas["Comparison"]} document */
function numbersTable(document) {
  const { a, b, difference: changes } = document.metrics;
  const names = shortNames({ a: document.a.run, b: document.b.run });
  return sortableTable({
    caption: "COCO's numbers of both runs",
    rows: Object.keys(a),
    columns: [
      {
        title: "number",
        show: (name) => h("span", { title: metricPhrase(name) }, name),
      },
      { title: names.a, explain: document.a.run, number: true, show: (name) => metric(a[name]) },
      { title: names.b, explain: document.b.run, number: true, show: (name) => metric(b[name]) },
      {
        title: "B − A",
        number: true,
        show: (name) =>
          h("span", { class: goodness(changes[name] ?? 0, true) }, difference(changes[name])),
      },
      {
        title: "95\u2009% interval",
        number: true,
        show: (name) => rangeText(document.bootstrap?.metrics[name]?.difference),
        explain: "where the difference lies in 95 of 100 random draws of the images",
      },
    ],
  });
}

/** @returns {import("./parts.js").Part} */
export function numbersPart() {
  let digits = 2;
  const chart = intervals(
    {
      caption: "Differences of COCO's numbers, B − A, with their intervals",
      rowTitle: "number",
      axis: "B − A: left of 0 A is ahead, right of it B",
      format: (value) => difference(value),
      tickFormat: (value) => difference(value, digits),
      hasZero: true,
    },
    { rows: [] },
  );
  const box = h("div");
  const element = h(
    "section",
    { class: "card versus-metrics" },
    h("h2", null, "COCO's numbers"),
    h("div", { class: "versus-two" }, chart.element, box),
  );
  /** @param {Schemas["Comparison"]} document */
  function draw(document) {
    const rows = chartRows(document);
    digits = tickDigits(rows.flatMap((row) => [0, row.value, row.low, row.high]));
    chart.update({ rows });
    fill(box, numbersTable(document));
  }

  return { element, whole: draw, sure: draw };
}
