/** What is compared: two runs, which images, which overlap, and the operating point. */
import { h } from "../../lib/dom.js";
import { KINDS, kindParameter } from "../../lib/kinds.js";
import { runNames, splitNames } from "../../lib/names.js";
import { throttled } from "../../lib/newest.js";
import { nameChoice, slider, toggle } from "../../parts/controls.js";
import { sigmasField } from "../../parts/sigmas.js";
import { stateOf } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 */

/** Browsers refuse to follow an address that changes more often. */
const EACH_MS = 80;

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {Schemas["Facets"]} facets
 * @param {State} state
 */
function runChoices(page, facets, state) {
  const names = runNames(facets);
  for (const name of [state.a, state.b]) if (!names.includes(name)) names.push(name);
  const a = nameChoice({
    label: "A",
    value: state.a,
    names,
    onchange: (value) => page.set({ run: value }),
  });
  const b = nameChoice({
    label: "B",
    value: state.b,
    names,
    onchange: (value) => page.set({ with: value }),
  });
  const swap = h(
    "button",
    {
      class: "icon",
      "aria-label": "Swap A and B",
      title: "Swap A and B",
      onclick: () => {
        const now = stateOf(new URLSearchParams(location.search));
        page.set({ run: now.b, with: now.a });
      },
    },
    "⇄",
  );
  return { a, b, swap };
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {Schemas["Facets"]} facets
 * @param {State} state
 * @param {string[]} kinds  of overlap that the data allow
 * @param {number | null} points  of an object
 */
export function controls(page, facets, state, kinds, points) {
  const { a, b, swap } = runChoices(page, facets, state);
  const split = nameChoice({
    label: "Split",
    value: state.split,
    names: splitNames(facets),
    all: "all splits",
    onchange: (value) => page.set({ split: value }),
  });
  const slice = nameChoice({
    label: "Slice",
    value: state.slice,
    names: facets.slices.map((one) => one.slice),
    all: "all images",
    onchange: (value) => page.set({ slice: value }),
  });
  const kind = toggle({
    label: "What overlaps",
    value: state.kind,
    options: KINDS.filter(({ value }) => kinds.includes(value) || value === state.kind),
    onchange: (value) => page.set({ iou_type: kindParameter(value) }),
  });
  const sigmas = sigmasField({
    kind: state.kind,
    sigmas: state.sigmas,
    points,
    onchange: (value) => page.set({ sigmas: value }),
  });
  const iou = slider({
    label: "IoU ≥",
    value: state.iou,
    min: 0.05,
    max: 0.95,
    step: 0.05,
    oninput: throttled(EACH_MS, (value) => page.set({ iou: value }, "replace")),
  });
  const confidence = slider({
    label: "Score ≥",
    value: state.confidence,
    min: 0,
    max: 1,
    step: 0.01,
    oninput: throttled(EACH_MS, (value) => page.set({ confidence: value }, "replace")),
  });
  const hasSplits = split.select.options.length > 1;
  const hasSlices = slice.select.options.length > 1;
  const runs = h("div", { class: "controls versus-runs" }, a.element, swap, b.element);
  const hasKinds = kinds.length > 1 || state.kind !== "bbox";
  const images = h(
    "div",
    { class: "controls" },
    hasKinds && kind.element,
    sigmas.element,
    hasSplits && split.element,
    hasSlices && slice.element,
  );
  const point = h("div", { class: "controls" }, iou.element, confidence.element);
  const update = (/** @type {State} */ next) => {
    a.select.value = next.a;
    b.select.value = next.b;
    split.select.value = next.split;
    slice.select.value = next.slice;
    kind.set(next.kind);
    sigmas.set(next.kind, next.sigmas);
    if (iou.input.valueAsNumber !== next.iou) iou.set(next.iou);
    if (confidence.input.valueAsNumber !== next.confidence) confidence.set(next.confidence);
  };
  /** The service has refused those that there are. @param {State} now */
  const askSigmas = (now) => sigmas.set(now.kind, now.sigmas, true);
  return { runs, images, point, update, askSigmas };
}
