/** Run against run: is B really better, where, and in which images. */
import { addressOf } from "../lib/address.js";
import { datasetPath, isAbort, read } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { kindsOf } from "../lib/kinds.js";
import { newestOnly } from "../lib/newest.js";
import { pointParameters } from "../lib/point.js";
import { compute, pause, progressBox } from "../parts/computing.js";
import { notifyProblem } from "../parts/dialog.js";
import { useKeys } from "../parts/keys.js";
import { isAboutSigmas, sigmasWanted } from "../parts/sigmas.js";
import { empty, loading, problemBox } from "../parts/states.js";
import { controls } from "./comparison/controls.js";
import { lines } from "./comparison/lines.js";
import { parts } from "./comparison/parts.js";
import {
  defaultRuns,
  isSamePoint,
  isSameSelection,
  selection,
  stateOf,
} from "./comparison/state.js";

/**
 * @typedef {import("../lib/api.js").Schemas} Schemas
 * @typedef {import("../lib/router.js").Page} Page
 * @typedef {import("./comparison/state.js").State} State
 */

/** A verdict that comes sooner needs no numbers before it. */
const SOON_MS = 400;

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
  return showRuns(page, facets, await kindsOf(page.dataset, page.signal));
}

/** @param {State} state */
function queryOf(state) {
  return { run: state.a, with: state.b, ...selection(state), ...pointParameters(state) };
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
 * @param {Awaited<ReturnType<typeof kindsOf>>} known
 */
function showRuns(page, facets, { kinds, points }) {
  let state = stateOf(page.place.query);
  const bar = controls(page, facets, state, kinds, points);
  const place = h("div", { class: "versus-body" });
  const path = datasetPath(page.dataset, "comparison");
  const shown = parts(page, facets, bar.point);
  let whole = new AbortController();
  const live = newestOnly(page.signal, loadLive);
  page.signal.addEventListener("abort", () => whole.abort());

  fill(
    page.root,
    h("div", { class: "head" }, h("h1", null, "Run against run")),
    h("div", { class: "card versus-bar" }, bar.runs, bar.images),
    place,
    lines(page),
  );

  async function loadWhole() {
    whole.abort();
    const stop = (whole = new AbortController());
    const wanted = state;
    const { kind, sigmas } = wanted;
    const onchange = (/** @type {string} */ value) => page.set({ sigmas: value });
    const lack = sigmasWanted({ kind, sigmas, points, onchange });
    if (lack) {
      place.removeAttribute("aria-busy");
      fill(place, lack);
      return;
    }
    place.setAttribute("aria-busy", "true");
    if (!shown.element.isConnected) fill(place, loading("24rem"));
    try {
      const document = await loadNumbers(wanted, stop);
      if (!stop.signal.aborted) await measure(document, wanted, stop.signal);
    } catch (error) {
      if (stop.signal.aborted || isAbort(error)) return;
      if (isAboutSigmas(kind, error)) bar.askSigmas(wanted);
      fill(place, problemBox(error));
    } finally {
      if (stop === whole) place.removeAttribute("aria-busy");
    }
  }

  /**
   * The numbers of both runs, without what takes many times longer: how sure their differences are.
   * @param {State} wanted
   * @param {AbortController} stop
   * @returns {Promise<Schemas["Comparison"]>}
   */
  function loadNumbers(wanted, stop) {
    const progress = progressBox("Both runs are measured and compared", () => {
      stop.abort();
      showStopped();
    });
    return compute(path, { ...queryOf(wanted), resamples: 0 }, stop.signal, (now, token) => {
      if (stop.signal.aborted) return;
      if (!progress.element.isConnected) fill(place, progress.element);
      progress.update(now, token);
    });
  }

  /**
   * The same with intervals and the verdict. The numbers are shown until they come, unless that is
   * soon.
   * @param {Schemas["Comparison"]} numbers
   * @param {State} wanted
   * @param {AbortSignal} signal
   */
  async function measure(numbers, wanted, signal) {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const progress = progressBox("How sure the difference is, is being measured", () => {
      ended.abort();
      const again = () => void measure(numbers, wanted, signal);
      shown.unsure("It was cancelled. ", h("button", { onclick: again }, "Measure it"));
    });
    const made = /** @type {Promise<Schemas["Comparison"]>} */ (
      compute(path, queryOf(wanted), either, progress.update)
    );
    const soon = await Promise.race([made.catch(() => null), pause(SOON_MS, either)]);
    if (signal.aborted) return;
    showNumbers(soon ?? numbers, wanted);
    if (soon) return;
    shown.measuring(progress.element);
    try {
      const document = await made;
      if (!signal.aborted) shown.sure(document, state);
    } catch (error) {
      if (either.aborted || isAbort(error)) return;
      shown.unsure(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Schemas["Comparison"]} document @param {State} wanted */
  function showNumbers(document, wanted) {
    place.removeAttribute("aria-busy");
    shown.whole(document, wanted);
    if (!shown.element.isConnected) fill(place, shown.element);
    if (!isSamePoint(wanted, state)) live(state);
  }

  function showStopped() {
    place.removeAttribute("aria-busy");
    const again = h("button", { onclick: () => void loadWhole() }, "Compare them");
    fill(place, empty("Cancelled", again));
  }

  /**
   * What the sliders change.
   * @param {State} wanted
   * @param {AbortSignal} signal
   */
  async function loadLive(wanted, signal) {
    try {
      /** @type {Schemas["Comparison"]} */
      const document = await read(path, { ...queryOf(wanted), resamples: 0 }, signal);
      const isWanted = isSameSelection(wanted, state) && shown.element.isConnected;
      if (!signal.aborted && isWanted) shown.live(document, wanted);
    } catch (error) {
      // The page stays: such as where the server has too much to do for a moment.
      if (!signal.aborted && !isAbort(error)) notifyProblem(error);
    }
  }

  const swap = () => page.set({ run: state.b, with: state.a });
  useKeys([{ key: "x", does: "swap A and B", run: swap }], page.signal);
  void loadWhole();
  return (/** @type {URLSearchParams} */ query) => {
    const before = state;
    state = stateOf(query);
    bar.update(state);
    if (!isSameSelection(before, state)) void loadWhole();
    else if (!isSamePoint(before, state)) live(state);
    else shown.view(state);
  };
}
