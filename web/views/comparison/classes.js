/** Which classes became better and worse. */
import { bars } from "../../charts/bars.js";
import { cls, fill, h } from "../../lib/dom.js";
import { count, counted, difference, metric, tickDigits } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { sortableTable } from "../../parts/table.js";
import { classAddress } from "./addresses.js";
import { goodness, signedCount } from "./point.js";
import { shortNames } from "./state.js";
import { rangeText } from "./verdict.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {Schemas["Comparison"]["per_class"][number]} ClassRow
 */

/** Bars in each direction. */
const SHOWN = 10;

/** @type {Record<string, string>} */
const CHANGED = { better: "better", worse: "worse", unclear: "unclear" };

/** @param {ClassRow} row */
function changeOf(row) {
  return row.difference.AP ?? null;
}

/**
 * The classes whose AP changed most, in both directions.
 * @param {ClassRow[]} rows
 * @param {number} most  in each direction
 */
function mostChanged(rows, most = SHOWN) {
  const sorted = rows
    .filter((row) => changeOf(row) !== null && changeOf(row) !== 0)
    .sort((x, y) => Number(changeOf(y)) - Number(changeOf(x)));
  const better = sorted.filter((row) => Number(changeOf(row)) > 0).slice(0, most);
  const worse = sorted.filter((row) => Number(changeOf(row)) < 0).slice(-most);
  return [...better, ...worse];
}

/**
 * "5 classes became better, 1 worse; of 2 it cannot be told."
 * @param {ClassRow[]} rows
 * @param {string} b
 */
function classesText(rows, b) {
  const measured = rows.filter((row) => changeOf(row) !== null);
  const of = (/** @type {string} */ verdict) =>
    measured.filter((row) => changeOf(row) !== 0 && row.bootstrap?.verdict === verdict).length;
  const better = of("better");
  const worse = of("worse");
  const rest = measured.length - better - worse;
  if (!measured.length) return "No class has objects that count.";
  return (
    `${b} is better for ${counted(better, "class", "classes")} and worse for ${count(worse)}; ` +
    `for ${count(rest)} no difference can be told from chance.`
  );
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {ClassRow[]} rows
 */
function chartData(dataset, state, rows) {
  return {
    series: [{ label: "B − A", color: "var(--good)" }],
    groups: mostChanged(rows).map((row) => ({
      label: className(row),
      values: [changeOf(row)],
      intervals: [/** @type {[number, number] | null} */ (row.bootstrap?.difference ?? null)],
      links: [classAddress(dataset, state, row)],
      notes: [`AP ${metric(row.a.AP)} → ${metric(row.b.AP)}; ${counted(row.truths, "object")}`],
      colors: [Number(changeOf(row)) > 0 ? "var(--good)" : "var(--bad)"],
    })),
  };
}

/** @param {ClassRow} row */
function told(row) {
  if (changeOf(row) === 0) return h("span", { class: "soft" }, "equal");
  const verdict = row.bootstrap?.verdict;
  if (!verdict) return "–";
  return h("span", { class: cls("told", `told-${verdict}`) }, CHANGED[verdict]);
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {ClassRow[]} rows
 * @param {Map<number, ClassRow>} live  the same at the operating point
 */
function classTable(dataset, state, rows, live) {
  const counts = (/** @type {ClassRow} */ row, /** @type {"true" | "false"} */ what) => {
    const { a, b } = (live.get(row.category_id) ?? row).operating_point;
    return a && b ? b[`${what}_positives`] - a[`${what}_positives`] : null;
  };
  const change = (/** @type {number | null} */ number, /** @type {boolean} */ isGood) =>
    number === null ? "–" : h("span", { class: goodness(number, isGood) }, signedCount(number));
  const names = shortNames(state);
  return sortableTable({
    caption: "AP of both runs by class",
    limit: SHOWN + 2,
    rows,
    columns: [
      {
        title: "class",
        by: className,
        show: (row) =>
          h(
            "a",
            {
              href: classAddress(dataset, state, row),
              class: "versus-class",
              title: className(row),
            },
            className(row),
          ),
      },
      { title: "objects", number: true, by: (row) => row.truths, show: (row) => count(row.truths) },
      {
        title: `AP ${names.a}`,
        explain: `AP of ${state.a}`,
        number: true,
        by: (row) => row.a.AP,
        show: (row) => metric(row.a.AP),
      },
      {
        title: `AP ${names.b}`,
        explain: `AP of ${state.b}`,
        number: true,
        by: (row) => row.b.AP,
        show: (row) => metric(row.b.AP),
      },
      {
        title: "B − A",
        number: true,
        by: changeOf,
        show: (row) =>
          h("span", { class: goodness(changeOf(row) ?? 0, true) }, difference(changeOf(row))),
      },
      {
        title: "95\u2009% interval",
        number: true,
        show: (row) => rangeText(row.bootstrap?.difference),
        explain: "where the difference lies in 95 of 100 random draws of the images",
      },
      {
        title: "verdict",
        by: (row) => (changeOf(row) === 0 ? "equal" : row.bootstrap?.verdict),
        show: told,
      },
      {
        title: "found",
        number: true,
        by: (row) => counts(row, "true"),
        show: (row) => change(counts(row, "true"), true),
        explain: "objects that B finds more than A, at the operating point",
      },
      {
        title: "false",
        number: true,
        by: (row) => counts(row, "false"),
        show: (row) => change(counts(row, "false"), false),
        explain: "false detections that B makes more than A, at the operating point",
      },
    ],
  });
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @returns {import("./parts.js").Part}
 */
export function classesPart(page) {
  const words = h("p", { class: "versus-lead" });
  const box = h("div");
  let rows = /** @type {ClassRow[]} */ ([]);
  let digits = 2;
  const chart = bars(
    {
      caption: "How much AP of each class changed, B − A",
      groupTitle: "class",
      axis: "difference of AP (B − A)",
      format: (value) => difference(value, digits),
    },
    { series: [], groups: [] },
  );
  const note = h("p", { class: "soft" });
  const element = h(
    "section",
    { class: "card versus-classes" },
    h("h2", null, "Classes better and worse"),
    words,
    h("div", { class: "versus-two" }, h("div", null, chart.element, note), box),
  );
  let live = /** @type {Map<number, ClassRow>} */ (new Map());

  /** @type {NonNullable<import("./parts.js").Part["whole"]>} */
  function whole(document, state) {
    rows = document.per_class
      .filter((row) => row.a.AP >= 0 || row.b.AP >= 0)
      .sort((x, y) => Math.abs(changeOf(y) ?? 0) - Math.abs(changeOf(x) ?? 0));
    fill(words, document.bootstrap && classesText(rows, document.b.run));
    const data = chartData(page.dataset, state, rows);
    digits = tickDigits(data.groups.flatMap((group) => [0, group.values[0]]));
    chart.update(data);
    const left = document.better.length + document.worse.length - data.groups.length;
    fill(
      note,
      left > 0 && `The ${SHOWN} most changed in each direction; the table has all. `,
      rows.length >= 20 &&
        "Each class is judged alone: of 100 classes that have not changed, " +
          "some five will seem to have.",
    );
  }

  return {
    element,
    whole,
    sure(document, state) {
      whole(document, state);
      fill(box, classTable(page.dataset, state, rows, live));
    },
    live(document, state) {
      live = new Map(document.per_class.map((row) => [row.category_id, row]));
      fill(box, classTable(page.dataset, state, rows, live));
    },
  };
}
