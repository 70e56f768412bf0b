/** Classes: their annotations in the ground truth beside those of the runs. */
import { bars } from "../../charts/bars.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";
import { card } from "../../parts/card.js";
import { choice, toggle } from "../../parts/controls.js";
import { imagesAddress, seriesOf } from "./charts.js";

/**
 * @typedef {import("./load.js").State} State
 * @typedef {import("./load.js").Loaded} Loaded
 * @typedef {{id: number, name: string, counts: (number | null)[]}} ClassRow  the ground truth, runs
 */

const FIRST = 50;

/**
 * @param {Loaded} loaded
 * @returns {ClassRow[]}
 */
export function classRows(loaded) {
  return loaded.base.class_distribution.map((row) => ({
    id: row.category_id,
    name: row.category_name ?? `class ${row.category_id}`,
    counts: [
      row.gt_count,
      ...loaded.runs.map((run) => {
        const counts = /** @type {Record<string, number> | null} */ (run.class_counts);
        return counts ? (counts[String(row.category_id)] ?? 0) : null;
      }),
    ],
  }));
}

/** @type {Record<string, (a: ClassRow, b: ClassRow) => number>} */
const ORDERS = {
  most: (a, b) => Number(b.counts[0]) - Number(a.counts[0]),
  least: (a, b) => Number(a.counts[0]) - Number(b.counts[0]),
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  excess: (a, b) => ratio(b) - ratio(a),
};

/** Of the detections of the first run to the objects that there are. @param {ClassRow} row */
function ratio(row) {
  return (Number(row.counts[1] ?? 0) + 1) / (Number(row.counts[0]) + 1);
}

/**
 * @param {ClassRow[]} rows
 * @param {string} search
 * @param {string} order  one of ORDERS
 */
export function chosenRows(rows, search, order) {
  const words = search.trim().toLowerCase();
  const by = ORDERS[order] ?? ORDERS.most;
  return rows
    .filter((row) => row.name.toLowerCase().includes(words))
    .sort((a, b) => by(a, b) || a.id - b.id);
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 * @param {{search: string, order: string, scale: string}} kept  what a person has chosen
 */
export function classes(state, loaded, kept) {
  const rows = classRows(loaded);
  let shown = FIRST;
  const chart = bars(
    { caption: "Annotations of each class", groupTitle: "class", axis: "annotations" },
    { series: seriesOf(loaded), groups: [] },
  );
  const none = h("p", { class: "soft", hidden: true }, "No class has this in its name.");
  const more = h("button", { onclick: () => draw(shown + FIRST) });
  const all = h("button", { onclick: () => draw(rows.length) });

  const linkOf = (/** @type {ClassRow} */ row, /** @type {number} */ i) =>
    i === 0
      ? imagesAddress(state, { category: row.name })
      : imagesAddress(state, { category: row.name, source: loaded.runs[i - 1].run_name });

  /** @param {number} number  of classes that are shown */
  function draw(number) {
    shown = number;
    const found = chosenRows(rows, kept.search, kept.order);
    const part = found.slice(0, shown);
    chart.update({
      series: seriesOf(loaded),
      groups: part.map((row) => ({
        label: row.name,
        values: row.counts,
        links: row.counts.map((_, i) => linkOf(row, i)),
      })),
      isLog: kept.scale === "log",
    });
    const left = found.length - part.length;
    none.hidden = found.length > 0;
    more.hidden = left <= 0;
    all.hidden = left <= FIRST;
    fill(more, `Show ${count(Math.min(FIRST, left))} more`);
    fill(all, `Show all ${counted(found.length, "class", "classes")}`);
  }

  const search = h("input", {
    type: "search",
    placeholder: "search a class",
    "aria-label": "Search a class",
    value: kept.search,
    oninput: () => {
      kept.search = search.value;
      draw(FIRST);
    },
  });
  const options = [
    { value: "most", label: "most first" },
    { value: "least", label: "least first" },
    { value: "name", label: "by name" },
  ];
  if (loaded.runs.length) options.push({ value: "excess", label: "most detections an object" });
  const order = choice({
    label: "Order",
    value: options.some((one) => one.value === kept.order) ? kept.order : "most",
    options,
    onchange: (value) => {
      kept.order = value;
      draw(shown);
    },
  });
  const scale = toggle({
    label: "Scale",
    value: kept.scale,
    options: [
      { value: "linear", label: "linear" },
      { value: "log", label: "log", title: "For classes of very different sizes" },
    ],
    onchange: (value) => {
      kept.scale = value;
      draw(shown);
    },
  });
  draw(shown);
  const element = card(
    { id: "classes", title: counted(rows.length, "class", "classes") },
    h("div", { class: "controls" }, rows.length > 15 ? search : null, order.element, scale.element),
    chart.element,
    none,
    h("div", { class: "controls" }, more, all),
  );
  return element;
}
