/** The parts of a comparison, from the verdict down to single images. */
import { h } from "../../lib/dom.js";
import { classesPart } from "./classes.js";
import { confusionsPart } from "./confusions.js";
import { curvesPart } from "./curves.js";
import { errorsPart } from "./errors.js";
import { flipsPart } from "./flips.js";
import { numbersPart } from "./numbers.js";
import { pointPart } from "./point.js";
import { slicesPart } from "./slices.js";
import { verdictPart } from "./verdict_part.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {object} Part
 * @property {HTMLElement} element
 * @property {(document: Schemas["Comparison"], state: State) => void} [whole]  other runs or images
 * @property {(box: HTMLElement) => void} [measuring]  how sure the differences are is being
 *   measured; the box tells how far that is
 * @property {(document: Schemas["Comparison"], state: State) => void} [sure]  the same numbers with
 *   intervals
 * @property {(...words: import("../../lib/dom.js").Children[]) => void} [unsure]  they were not
 *   measured; the words say why
 * @property {(document: Schemas["Comparison"], state: State) => void} [live]  another operating
 *   point, also after whole
 * @property {(state: State) => void} [view]  something that needs no other numbers
 */

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {Schemas["Facets"]} facets
 * @param {HTMLElement} sliders
 */
export function parts(page, facets, sliders) {
  const point = pointPart(sliders);
  const curves = curvesPart(page);
  /** @type {Part[]} */
  const all = [
    verdictPart(page),
    numbersPart(),
    classesPart(page),
    point,
    curves,
    flipsPart(page),
    errorsPart(page),
    confusionsPart(page),
    slicesPart(page, facets),
  ];
  const beside = h("div", { class: "versus-beside" }, point.element, curves.element);
  return {
    element: h(
      "div",
      { class: "versus-parts" },
      all.filter((part) => part !== curves).map((part) => (part === point ? beside : part.element)),
    ),
    whole(/** @type {Schemas["Comparison"]} */ document, /** @type {State} */ state) {
      for (const part of all) {
        part.whole?.(document, state);
        part.live?.(document, state);
      }
    },
    measuring(/** @type {HTMLElement} */ box) {
      for (const part of all) part.measuring?.(box);
    },
    sure(/** @type {Schemas["Comparison"]} */ document, /** @type {State} */ state) {
      for (const part of all) part.sure?.(document, state);
    },
    unsure(/** @type {import("../../lib/dom.js").Children[]} */ ...words) {
      for (const part of all) part.unsure?.(...words);
    },
    live(/** @type {Schemas["Comparison"]} */ document, /** @type {State} */ state) {
      for (const part of all) part.live?.(document, state);
    },
    view(/** @type {State} */ state) {
      for (const part of all) part.view?.(state);
    },
  };
}
