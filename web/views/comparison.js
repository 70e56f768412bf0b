/** Run against run: is B really better, where, and in which images. */
import { addressOf } from "../lib/address.js";
import { datasetPath, isAbort, read } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { kindsOf } from "../lib/kinds.js";
import { compute, progressBox } from "../parts/computing.js";
import { empty, loading, problemBox } from "../parts/states.js";
import { controls } from "./comparison/controls.js";
import { lines } from "./comparison/lines.js";
import { parts } from "./comparison/parts.js";
import {
  defaultRuns,
  isSameSelection,
  selection,
  stateOf,
  thresholds,
} from "./comparison/state.js";

/**
 * @typedef {import("../lib/api.js").Schemas} Schemas
 * @typedef {import("../lib/router.js").Page} Page
 * @typedef {import("./comparison/state.js").State} State
 */

/** A slider that moves asks for new numbers this often at most. */
const LIVE_MS = 80;

/** @param {Page} page */
export async function show(page) {
  page.title("Comparison");
  fill(page.root, h("h1", null, "Run against run"), loading("24rem"));
  /** @type {Schemas["Facets"]} */
  const facets = await read(datasetPath(page.dataset, "facets"), {}, page.signal);
  const state = stateOf(page.place.query);
  const runs = defaultRuns(facets.sources, state.a, state.b);
  if (!runs) {
    showNoRuns(page, facets.sources.length - 1);
    return undefined;
  }
  if (runs.a !== state.a || runs.b !== state.b) {
    page.set({ run: runs.a, with: runs.b }, "replace"); // shows the view again
    return undefined;
  }
  const kinds = await kindsOf(page.dataset, page.signal);
  return showRuns(page, facets, kinds);
}

/** @param {Page} page @param {number} count */
function showNoRuns(page, count) {
  const link = h(
    "a",
    { href: addressOf("import", null, { dataset: page.dataset }) },
    "Import results",
  );
  fill(
    page.root,
    h("h1", null, "Run against run"),
    count < 1
      ? empty("There is no run yet", link, " of two detectors, or of two versions of one.")
      : empty("There is only one run", link, " of another one to compare it with."),
  );
}

/**
 * @param {Page} page
 * @param {Schemas["Facets"]} facets
 * @param {string[]} kinds
 */
function showRuns(page, facets, kinds) {
  let state = stateOf(page.place.query);
  const bar = controls(page, facets, state, kinds);
  const place = h("div", { class: "versus-body" });
  const path = datasetPath(page.dataset, "comparison");
  const shown = parts(page, facets, bar.point);
  let whole = new AbortController();
  let live = new AbortController();
  let timer = 0;
  page.signal.addEventListener("abort", () => {
    whole.abort();
    live.abort();
    clearTimeout(timer);
  });

  fill(
    page.root,
    h("div", { class: "head" }, h("h1", null, "Run against run")),
    h("div", { class: "card versus-bar" }, bar.runs, bar.images),
    place,
    lines(page),
  );

  async function loadWhole() {
    whole.abort();
    live.abort();
    clearTimeout(timer);
    const stop = (whole = new AbortController());
    const progress = progressBox("Both runs are measured and compared", () => {
      stop.abort();
      showStopped();
    });
    place.setAttribute("aria-busy", "true");
    if (!shown.element.isConnected) fill(place, loading("24rem"));
    try {
      /** @type {Schemas["Comparison"]} */
      const document = await compute(
        path,
        { run: state.a, with: state.b, ...selection(state), ...thresholds(state) },
        stop.signal,
        (now, token) => {
          if (stop.signal.aborted) return;
          if (!progress.element.isConnected) fill(place, progress.element);
          progress.update(now, token);
        },
      );
      if (stop.signal.aborted) return;
      shown.whole(document, state);
      fill(place, shown.element);
    } catch (error) {
      if (!stop.signal.aborted && !isAbort(error)) fill(place, problemBox(error));
    } finally {
      if (stop === whole) place.removeAttribute("aria-busy");
    }
  }

  function showStopped() {
    place.removeAttribute("aria-busy");
    const again = h("button", { onclick: () => void loadWhole() }, "Compare them");
    fill(place, empty("Cancelled", again));
  }

  /** What the sliders change. */
  async function loadLive() {
    live.abort();
    const stop = (live = new AbortController());
    try {
      /** @type {Schemas["Comparison"]} */
      const document = await read(
        path,
        { run: state.a, with: state.b, resamples: 0, ...selection(state), ...thresholds(state) },
        stop.signal,
      );
      if (!stop.signal.aborted) shown.live(document, state);
    } catch (error) {
      if (!stop.signal.aborted && !isAbort(error)) fill(place, problemBox(error));
    }
  }

  void loadWhole();
  return (/** @type {URLSearchParams} */ query) => {
    const before = state;
    state = stateOf(query);
    bar.update(state);
    if (!isSameSelection(before, state)) void loadWhole();
    else if (before.iou !== state.iou || before.confidence !== state.confidence) {
      clearTimeout(timer);
      timer = setTimeout(() => void loadLive(), LIVE_MS);
    }
  };
}
