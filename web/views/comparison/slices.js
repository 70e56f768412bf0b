/** In which splits and slices B is better or worse. Computed when a person gets there. */
import { bars } from "../../charts/bars.js";
import { addressOf } from "../../lib/address.js";
import { datasetPath, pages, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, difference, metric, tickDigits } from "../../lib/format.js";
import { overlapQuery } from "../../lib/sigmas.js";
import { sortableTable } from "../../parts/table.js";
import { loadWhenNear } from "./near.js";
import { goodness } from "./point.js";
import { shortNames } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {object} Row
 * @property {"split" | "slice"} kind
 * @property {string} name
 * @property {number | null} images
 * @property {number | null} a  AP
 * @property {number | null} b
 */

/** How many are measured at most. */
const SPLITS = 8;
const PAGES = 2;

/** @param {number | null | undefined} value */
function valueOrNull(value) {
  return value === undefined || value === null || value < 0 ? null : value;
}

/** @param {Row} row */
function changeOf(row) {
  return row.a === null || row.b === null ? null : row.b - row.a;
}

/**
 * AP of a run by slice.
 * @param {string} dataset
 * @param {string} run
 * @param {State} state
 * @param {AbortSignal} signal
 */
async function slicesOf(dataset, run, state, signal) {
  const found = /** @type {Map<string, {images: number, ap: number | null}>} */ (new Map());
  const path = datasetPath(dataset, "runs", run, "evaluation", "slices");
  const query = { ...overlapQuery(state), split: state.split };
  let read = 0;
  /** @type {AsyncGenerator<Schemas["SliceEvaluations"]>} */
  const list = pages(path, query, signal);
  for await (const page of list) {
    for (const slice of page.slices) {
      const ap = valueOrNull(slice.metrics?.AP);
      found.set(slice.slice ?? "", { images: slice.image_count, ap });
    }
    read += 1;
    if (read >= PAGES) break;
  }
  return found;
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {AbortSignal} signal
 * @returns {Promise<Row[]>}
 */
async function sliceRows(dataset, state, signal) {
  const [a, b] = await Promise.all(
    [state.a, state.b].map((run) => slicesOf(dataset, run, state, signal)),
  );
  return [...a].map(([name, { images, ap }]) => ({
    kind: "slice",
    name,
    images,
    a: ap,
    b: b.get(name)?.ap ?? null,
  }));
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {Schemas["Facets"]["splits"]} splits
 * @param {AbortSignal} signal
 * @returns {Promise<Row[]>}
 */
async function splitRows(dataset, state, splits, signal) {
  const rows = /** @type {Row[]} */ ([]);
  for (const { split, image_count: images } of splits.slice(0, SPLITS)) {
    if (!split) continue;
    const query = { ...overlapQuery(state), split };
    const [a, b] = await Promise.all(
      [state.a, state.b].map(async (run) => {
        /** @type {Schemas["Evaluation"]} */
        const one = await read(datasetPath(dataset, "runs", run, "evaluation"), query, signal);
        return valueOrNull(one.metrics?.AP);
      }),
    );
    rows.push({ kind: "split", name: split, images, a, b });
  }
  return rows;
}

/**
 * The verdict about a row: a comparison of its images alone.
 * @param {string} dataset
 * @param {State} state
 * @param {Row} row
 */
function rowAddress(dataset, state, row) {
  return addressOf("comparison", dataset, {
    run: state.a,
    with: state.b,
    ...overlapQuery(state),
    split: row.kind === "split" ? row.name : state.split,
    slice: row.kind === "slice" ? row.name : null,
  });
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {Row[]} rows
 */
function slicesTable(dataset, state, rows) {
  const names = shortNames(state);
  return sortableTable({
    caption: "AP of both runs by split and slice",
    limit: 50,
    rows,
    columns: [
      {
        title: "images",
        by: (row) => row.name,
        show: (row) => h("a", { href: rowAddress(dataset, state, row) }, row.name),
      },
      { title: "what", by: (row) => row.kind, show: (row) => row.kind },
      {
        title: "how many",
        number: true,
        by: (row) => row.images,
        show: (row) => (row.images === null ? "–" : count(row.images)),
      },
      { title: `AP ${names.a}`, number: true, by: (row) => row.a, show: (row) => metric(row.a) },
      { title: `AP ${names.b}`, number: true, by: (row) => row.b, show: (row) => metric(row.b) },
      {
        title: "B − A",
        number: true,
        by: changeOf,
        show: (row) =>
          h("span", { class: goodness(changeOf(row) ?? 0, true) }, difference(changeOf(row))),
      },
    ],
  });
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {Schemas["Facets"]} facets
 * @returns {import("./parts.js").Part}
 */
export function slicesPart(page, facets) {
  const splits = facets.splits.filter(({ split }) => split);
  const hasMany = splits.length > 1 || facets.slices.length > 0;
  const chart = bars(
    {
      caption: "How much AP changed by split and slice, B − A",
      groupTitle: "images",
      axis: "difference of AP (B − A)",
      format: (value) => difference(value, digits),
    },
    { series: [], groups: [] },
  );
  let digits = 2;
  const box = h("div");
  const element = h(
    "section",
    { class: "card versus-slices" },
    h("h2", null, "Splits and slices"),
    h(
      "p",
      { class: "soft" },
      hasMany
        ? "Each leads to the verdict about its images alone."
        : [
            "A slice is a named set of images, such as those taken at night. " +
              "This dataset has none; ",
            h("a", { href: addressOf("images", page.dataset) }, "make one of filtered images"),
            " to see where one run is better than the other.",
          ],
    ),
    hasMany && h("div", { class: "versus-two" }, chart.element, box),
  );
  const want = loadWhenNear({
    page,
    element,
    box,
    keyOf: (state) => [state.a, state.b, overlapQuery(state), state.split],
    load,
  });

  /** @param {State} wanted @param {AbortSignal} signal */
  async function load(wanted, signal) {
    const isOfSplits = !wanted.split && splits.length > 1;
    const rows = [
      ...(isOfSplits ? await splitRows(page.dataset, wanted, splits, signal) : []),
      ...(facets.slices.length ? await sliceRows(page.dataset, wanted, signal) : []),
    ];
    draw(rows, wanted);
  }

  /** @param {Row[]} rows @param {State} now */
  function draw(rows, now) {
    const sorted = [...rows].sort((x, y) => (changeOf(y) ?? -9) - (changeOf(x) ?? -9));
    digits = tickDigits([0, ...rows.map(changeOf)]);
    chart.update({
      series: [{ label: "B − A", color: "var(--good)" }],
      groups: sorted.slice(0, 20).map((row) => ({
        label: row.name,
        values: [changeOf(row)],
        links: [rowAddress(page.dataset, now, row)],
        notes: [`AP ${metric(row.a)} → ${metric(row.b)}`],
        colors: [(changeOf(row) ?? 0) >= 0 ? "var(--good)" : "var(--bad)"],
      })),
    });
    fill(box, slicesTable(page.dataset, now, sorted));
  }

  return {
    element,
    whole(_document, next) {
      if (hasMany) want(next);
    },
  };
}
