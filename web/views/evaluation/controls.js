/** What an evaluation is asked for: run, overlap, part of the images, and the operating point. */
import { h } from "../../lib/dom.js";
import { kindParameter, KINDS } from "../../lib/kinds.js";
import { runNames, splitNames } from "../../lib/names.js";
import { nameChoice, slider, toggle } from "../../parts/controls.js";
import { sigmasField } from "../../parts/sigmas.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").IouType} IouType
 * @typedef {import("../../lib/api.js").Schemas["Facets"]} Facets
 */

/**
 * @param {object} options
 * @param {State} options.state
 * @param {Facets} options.facets
 * @param {IouType[]} options.types
 * @param {number | null} options.points  of an object
 * @param {(changes: import("../../lib/address.js").QueryValues) => void} options.onchange
 * @param {(changes: Partial<State>) => void} options.onslide
 * @param {() => void} options.onstay  a slider was let go
 */
export function controls({ state, facets, types, points, onchange, onslide, onstay }) {
  const run = nameChoice({
    label: "Run",
    value: state.run,
    names: runNames(facets),
    onchange: (value) => onchange({ run: value, class: null }),
  });
  const split = nameChoice({
    label: "Split",
    value: state.split,
    names: splitNames(facets),
    all: "all splits",
    onchange: (value) => onchange({ split: value }),
  });
  const slice = nameChoice({
    label: "Slice",
    value: state.slice,
    names: facets.slices.map((one) => one.slice),
    all: "all images",
    onchange: (value) => onchange({ slice: value }),
  });
  const shown = KINDS.filter(({ value }) => [...types, state.iouType].some((one) => one === value));
  const type = toggle({
    label: "What overlaps",
    value: state.iouType,
    options: shown,
    onchange: (value) => onchange({ iou_type: kindParameter(value) }),
  });
  const sigmas = sigmasField({
    kind: state.iouType,
    sigmas: state.sigmas,
    points,
    onchange: (value) => onchange({ sigmas: value }),
  });
  const iou = slider({
    label: state.iouType === "keypoints" ? "OKS" : "IoU",
    value: state.iou,
    min: 0.05,
    max: 0.95,
    step: 0.05,
    oninput: (value) => onslide({ iou: Number(value.toFixed(2)) }),
  });
  const confidence = slider({
    label: "Score from",
    value: state.confidence,
    min: 0,
    max: 1,
    step: 0.01,
    oninput: (value) => onslide({ confidence: Number(value.toFixed(2)) }),
  });
  iou.input.dataset.name = "iou";
  confidence.input.dataset.name = "confidence";
  for (const one of [iou, confidence]) one.input.addEventListener("change", onstay);
  const choices = h(
    "div",
    { class: "controls" },
    run.element,
    shown.length > 1 ? type.element : null,
    sigmas.element,
    facets.splits.length || state.split ? split.element : null,
    facets.slices.length || state.slice ? slice.element : null,
  );
  const sliders = h("div", { class: "controls sliders" }, iou.element, confidence.element);
  return {
    choices,
    sliders,
    /** The service has refused those that there are. @param {State} now */
    askSigmas(now) {
      sigmas.set(now.iouType, now.sigmas, true);
    },
    /** @param {State} next */
    set(next) {
      run.select.value = next.run;
      split.select.value = next.split;
      slice.select.value = next.slice;
      type.set(next.iouType);
      sigmas.set(next.iouType, next.sigmas);
      iou.set(next.iou);
      confidence.set(next.confidence);
    },
  };
}
