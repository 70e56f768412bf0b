/** How much there is: totals, classes beside each run, splits, sizes, annotations, scores. */
import { addressOf, queryText } from "../lib/address.js";
import { datasetPath, read } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { count, percent } from "../lib/format.js";
import { runNames, splitNames } from "../lib/names.js";
import { card, tile } from "../parts/card.js";
import { nameChoice } from "../parts/controls.js";
import { copyBox, curlLine, sqlText } from "../parts/copy.js";
import { loading, problemBox } from "../parts/states.js";
import { cocoSizes, imagesAddress, perImage, scores, sizes, splits } from "./statistics/charts.js";
import { classes } from "./statistics/classes.js";
import { loadStatistics, MOST_RUNS, stateOf } from "./statistics/load.js";

/**
 * @typedef {import("./statistics/load.js").State} State
 * @typedef {import("./statistics/load.js").Loaded} Loaded
 * @typedef {import("../lib/api.js").Schemas["Facets"]} Facets
 */

/** @param {import("../lib/router.js").Page} page */
export async function show(page) {
  page.title(`Statistics of ${page.dataset}`);
  /** @type {Facets} */
  const facets = await read(datasetPath(page.dataset, "facets"), {}, page.signal);
  const runs = runNames(facets);
  let state = stateOf(page.dataset, page.place.query, runs);
  const kept = { search: "", order: "most", scale: "linear" };
  const body = h("div", { class: "view" }, loading("8rem"), loading("24rem"));
  let stop = new AbortController();
  page.signal.addEventListener("abort", () => stop.abort());

  const panel = filters(facets, runs, page.set);
  panel.set(state);
  page.root.append(
    h(
      "div",
      { class: "head" },
      h("h1", null, "Statistics"),
      h("div", { class: "end controls" }, panel.elements),
    ),
    body,
    copyBox(() => copyLines(state)),
  );

  async function load() {
    stop.abort();
    stop = new AbortController();
    const { signal } = stop;
    body.setAttribute("aria-busy", "true");
    try {
      const loaded = await loadStatistics(state, signal);
      if (signal.aborted) return;
      fill(body, parts(state, loaded, kept));
    } catch (error) {
      if (!signal.aborted) fill(body, problemBox(error, { again: load, runs }));
    } finally {
      if (!signal.aborted) body.removeAttribute("aria-busy");
    }
  }
  void load();

  return (/** @type {URLSearchParams} */ query) => {
    const next = stateOf(page.dataset, query, runs);
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    panel.set(state);
    void load();
  };
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 * @param {Parameters<typeof classes>[2]} kept
 */
function parts(state, loaded, kept) {
  const grid = h("div", { class: "grid" });
  fill(
    grid,
    sizes(state, loaded),
    cocoSizes(state, loaded),
    perImage(state, loaded),
    scores(state, loaded),
    loaded.base.split_breakdown.length > 1 ? splits(state, loaded) : null,
  );
  return [totals(state, loaded), classes(state, loaded, kept), grid];
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 */
function totals(state, loaded) {
  const { summary, ground_truth: truth } = loaded.base;
  const part = state.slice || state.split ? " of what is chosen" : "";
  const link = (/** @type {string} */ name, /** @type {string} */ href) => h("a", { href }, name);
  const images = summary.total_images;
  const without = truth.images_without ?? null;
  const mean = truth.mean_per_image ?? null;
  return card(
    { id: "totals", title: `Totals${part}` },
    h(
      "dl",
      { class: "stats" },
      tile(link("images", imagesAddress(state, {})), count(images), "in the ground truth"),
      tile("annotations", count(summary.gt_annotations), "objects of the ground truth"),
      tile("classes", count(summary.total_categories), "in the ground truth"),
      mean === null
        ? null
        : tile(
            link("per image", imagesAddress(state, { sort: "-annotations" })),
            mean.toFixed(1),
            `annotations on the average, ${count(truth.most_per_image ?? 0)} at most`,
          ),
      without === null
        ? null
        : tile(
            link("empty images", imagesAddress(state, { max_count: 0, sort: "annotations" })),
            count(without),
            `without annotation: ${percent(images ? without / images : 0)}`,
          ),
      loaded.runs.map((run) =>
        tile(
          link(
            run.run_name,
            addressOf("evaluation", state.dataset, {
              run: run.run_name,
              split: state.split,
              slice: state.slice,
            }),
          ),
          count(run.count),
          `detections; ${count(run.images_without ?? 0)} images without`,
        ),
      ),
    ),
  );
}

/**
 * @param {Facets} facets
 * @param {string[]} runs
 * @param {import("../lib/router.js").Page["set"]} set
 */
function filters(facets, runs, set) {
  const split = nameChoice({
    label: "Split",
    value: "",
    names: splitNames(facets),
    all: "all splits",
    onchange: (value) => set({ split: value }),
  });
  const slice = nameChoice({
    label: "Slice",
    value: "",
    names: facets.slices.map((one) => one.slice),
    all: "all images",
    onchange: (value) => set({ slice: value }),
  });
  const boxes = runs.map((name) =>
    h("input", { type: "checkbox", value: name, onchange: () => chooseRuns() }),
  );
  function chooseRuns() {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    set({ run: chosen, only: chosen.length ? null : "truth" });
  }
  const summary = h("summary", { class: "button" }, "Runs");
  const menu = h(
    "details",
    { class: "run-menu" },
    summary,
    h(
      "fieldset",
      null,
      h("legend", null, `Beside the ground truth, up to ${MOST_RUNS}`),
      runs.map((name, i) => h("label", null, boxes[i], name)),
    ),
  );
  return {
    elements: [
      runs.length ? menu : null,
      splitNames(facets).length ? split.element : null,
      facets.slices.length ? slice.element : null,
    ],
    /** @param {State} state */
    set(state) {
      split.select.value = state.split;
      slice.select.value = state.slice;
      for (const box of boxes) {
        box.checked = state.runs.includes(box.value);
        box.disabled = !box.checked && state.runs.length >= MOST_RUNS;
      }
      fill(summary, `Runs: ${state.runs.length} of ${runs.length}`);
    },
  };
}

/**
 * @param {State} state
 * @returns {{title: string, text: string}[]}
 */
function copyLines(state) {
  const { dataset, split, slice, runs } = state;
  const query = queryText({ split, slice, run: runs.length === 1 ? runs[0] : null });
  return [
    { title: "These numbers", text: curlLine(datasetPath(dataset, "statistics") + query) },
    {
      title: "Classes of the ground truth and each run, in SQL",
      text:
        "select source, category, n, small, medium, large\nfrom coco.class_statistics\n" +
        `where dataset = ${sqlText(dataset)}\norder by category, source`,
    },
  ];
}
