/** How a run did: COCO's numbers, what went wrong, and the images that show it. */
import { addressOf, changed } from "../lib/address.js";
import { datasetPath, Problem, read } from "../lib/api.js";
import { fill, h, showFocused } from "../lib/dom.js";
import { kindsOf } from "../lib/kinds.js";
import { runNames } from "../lib/names.js";
import { newestOnly } from "../lib/newest.js";
import { pointParameters } from "../lib/point.js";
import { computeInto } from "../parts/computing.js";
import { copyBox } from "../parts/copy.js";
import { notifyProblem } from "../parts/dialog.js";
import { isAboutSigmas, sigmasWanted } from "../parts/sigmas.js";
import { empty, loading, problemBox } from "../parts/states.js";
import { classTable } from "./evaluation/classes.js";
import { confusion } from "./evaluation/confusion.js";
import { controls } from "./evaluation/controls.js";
import { calibration, errorTypes } from "./evaluation/errors.js";
import { labelErrors, worstImages } from "./evaluation/images.js";
import { copyLines } from "./evaluation/lines.js";
import { runHistory, slices } from "./evaluation/more.js";
import { operatingPoint } from "./evaluation/point.js";
import {
  evaluationQuery,
  isSameEvaluation,
  pointQuery,
  runPath,
  stateOf,
} from "./evaluation/state.js";
import { numbers, whatToFix } from "./evaluation/summary.js";

/**
 * @typedef {import("./evaluation/state.js").State} State
 * @typedef {import("./evaluation/state.js").Evaluation} Evaluation
 * @typedef {import("../lib/api.js").Schemas["Facets"]} Facets
 * @typedef {import("../lib/router.js").Page} Page
 */

const PARTS = [
  ["fix", "What to fix"],
  ["numbers", "Numbers"],
  ["point", "Operating point"],
  ["classes", "Classes"],
  ["confusion", "Confusion"],
  ["errors", "Errors"],
  ["images", "Worst images"],
  ["labels", "Labels"],
  ["calibration", "Calibration"],
  ["slices", "Slices"],
  ["history", "History"],
];

/** @type {Awaited<ReturnType<typeof kindsOf>>} */
const NOTHING_KNOWN = { kinds: [], points: null };

/** @param {Page} page */
export async function show(page) {
  page.title("Evaluation");
  /** @type {Facets} */
  const facets = await read(datasetPath(page.dataset, "facets"), {}, page.signal);
  const runs = runNames(facets);
  let state = stateOf(page.dataset, page.place.query);
  if (!runs.length) {
    const to = addressOf("import", null, { dataset: page.dataset });
    page.root.append(
      h("h1", null, "Evaluation"),
      empty("No runs yet", h("a", { href: to }, "Import the results of a detector"), "."),
    );
    return undefined;
  }
  if (!state.run) {
    page.set({ run: runs[0] }, "replace");
    return undefined;
  }
  page.title(`Evaluation of ${state.run}`);
  const known = kindsOf(page.dataset, page.signal, state.run);
  const { kinds: types, points } = await known.catch(() => NOTHING_KNOWN);
  const evaluated = facets.sources.find((one) => one.source === state.run)?.outcomes ?? {};
  const hasKind = (/** @type {State["iouType"]} */ kind) =>
    types.includes(kind) || kind in evaluated || kind === state.iouType;
  const head = h("h1", null, "Evaluation");
  const body = h("div", { class: "view" });
  let stop = new AbortController();
  page.signal.addEventListener("abort", () => stop.abort());
  let shown = /** @type {Awaited<ReturnType<typeof showEvaluation>>} */ (null);

  const panel = controls({
    state,
    facets,
    points,
    types: /** @type {const} */ (["bbox", "segm", "keypoints"]).filter(hasKind),
    onchange: (changes) => page.set(changes),
    onslide: (changes) => {
      state = { ...state, ...changes };
      shown?.move(state);
    },
    onstay: () => page.set(pointParameters(state), "replace"),
  });
  page.root.append(
    h("div", { class: "head" }, head, h("div", { class: "end" }, panel.choices)),
    h("div", { class: "card stay" }, panel.sliders, jumps()),
    body,
    copyBox(() => copyLines(state)),
  );

  async function begin() {
    stop.abort();
    stop = new AbortController();
    shown = null;
    const lack = sigmasWanted({
      kind: state.iouType,
      sigmas: state.sigmas,
      points,
      onchange: (sigmas) => page.set({ sigmas }),
    });
    if (lack) {
      fill(body, lack);
      return;
    }
    shown = await showEvaluation({
      page,
      state,
      body,
      signal: stop.signal,
      again: begin,
      onrefuse,
    });
  }
  const onrefuse = (/** @type {unknown} */ error) => {
    if (isAboutSigmas(state.iouType, error)) panel.askSigmas(state);
  };
  void begin();

  return (/** @type {URLSearchParams} */ query) => {
    const before = state;
    state = stateOf(page.dataset, query);
    if (state.run !== before.run) page.title(`Evaluation of ${state.run}`);
    panel.set(state);
    if (!isSameEvaluation(state, before)) void begin();
    else shown?.move(state);
    if (state.class !== before.class) bringIntoView("point");
  };
}

/**
 * Scrolls to a part of the view, unless some of it is seen.
 * @param {string} id
 */
function bringIntoView(id) {
  const part = document.getElementById(id);
  const place = part?.getBoundingClientRect();
  if (place && (place.bottom < 100 || place.top > innerHeight - 100)) part?.scrollIntoView();
}

/** Links to the parts of the view. */
function jumps() {
  const links = PARTS.map(([id, title]) => h("a", { href: `#${id}` }, title));
  return h(
    "nav",
    { class: "tabs jumps", "aria-label": "Parts of the evaluation", onfocusin: showFocused },
    links,
  );
}

/**
 * @param {object} options
 * @param {Page} options.page
 * @param {State} options.state
 * @param {HTMLElement} options.body
 * @param {AbortSignal} options.signal
 * @param {() => void} options.again
 * @param {(error: unknown) => void} options.onrefuse
 */
async function showEvaluation({ page, state, body, signal, again, onrefuse }) {
  fill(body, loading("10rem"), loading("20rem"));
  body.removeAttribute("data-point");
  try {
    /** @type {Evaluation} */
    const made = await computeInto({
      path: runPath(state, "evaluation"),
      query: { ...pointQuery(state), include: "matrix,calibration" },
      signal,
      into: body,
      what: "The evaluation",
    });
    return showDocument({ page, state, document: made, body, signal });
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof Problem && error.code === "cancelled") {
      fill(
        body,
        empty("The evaluation was cancelled", h("button", { onclick: again }, "Compute it")),
      );
    } else {
      onrefuse(error);
      fill(body, problemBox(error));
    }
    return null;
  }
}

/**
 * @param {object} options
 * @param {Page} options.page
 * @param {State} options.state
 * @param {Evaluation} options.document
 * @param {HTMLElement} options.body
 * @param {AbortSignal} options.signal
 */
function showDocument({ page, state, document, body, signal }) {
  /** The address of this view with changes of the operating point or the class. */
  const here = (/** @type {Partial<State>} */ changes) => {
    const next = { ...now, ...changes };
    const query = changed(new URLSearchParams(location.search), {
      ...pointParameters(next),
      class: next.class,
    });
    return addressOf("evaluation", page.dataset, query);
  };
  let now = state;
  const summary = numbers(state, document);
  const fix = whatToFix(state, document, here);
  const point = operatingPoint({
    state,
    document,
    signal,
    onclass: (name) => page.set({ class: name }),
  });
  const classes = classTable({
    state,
    document,
    signal,
    curveAddress: (name) => `${here({ class: name })}`,
  });
  const matrix = confusion({ state, document });
  const scores = calibration(document);
  const worst = worstImages(state, signal);
  const labels = labelErrors(state, signal, fix.setLabelErrors);
  const parts = slices(state, signal);
  const past = runHistory(state, signal);
  fill(
    body,
    summary.warnings,
    h("div", { class: "overview" }, fix.element, summary.element),
    point.element,
    classes.element,
    matrix.element,
    errorTypes(state, document),
    worst.element,
    labels.element,
    scores.element,
    h("div", { class: "grid" }, parts.element, past.element),
  );

  /**
   * Shows other numbers: those beside the slider first, so that they keep up with it.
   * @param {State} next
   * @param {Evaluation} made
   */
  async function apply(next, made) {
    now = next;
    point.update(next, made);
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return;
    fix.update(next, made);
    classes.update(next, made);
    matrix.update(next, made);
    scores.update(made);
    body.dataset.point = `${next.iou} ${next.confidence}`;
  }

  const ask = newestOnly(
    signal,
    /** @type {(next: State, stop: AbortSignal) => Promise<void>} */
    (
      async (next, aborted) => {
        const query = { ...pointQuery(next), include: "matrix,calibration" };
        try {
          await apply(next, await read(runPath(next, "evaluation"), query, aborted));
        } catch (error) {
          // The page stays: such as where the server has too much to do for a moment.
          if (!aborted.aborted) notifyProblem(error);
        }
      }
    ),
  );

  /** What else there is, one after the other: an evaluation takes all the processors there are. */
  async function loadRest() {
    void past.load();
    await point.load();
    await worst.load();
    await labels.load();
    await parts.load();
    try {
      const query = { ...evaluationQuery(state), include: "interval" };
      /** @type {Evaluation} */
      const made = await read(runPath(state, "evaluation"), query, signal);
      summary.setInterval(made.interval);
    } catch {
      // A run that is evaluated in parts has none.
    }
    await classes.load();
  }
  void loadRest();
  body.dataset.point = `${state.iou} ${state.confidence}`;
  return { move: ask };
}
