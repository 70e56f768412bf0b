/** A flipped image: what A and what B does in it, side by side, small. */
import { h, s } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { sideAddress } from "./addresses.js";
import { judge } from "./match.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {Schemas["FlippedImages"]["images"][number]} Flipped
 * @typedef {Schemas["AnnotationsBatch"]["images"][number]} BatchImage
 */

/**
 * A box of the overlay.
 * @param {readonly number[]} bbox
 * @param {string} name  a class of CSS
 */
function box([x, y, width, height], name) {
  return s("rect", { x, y, width, height, class: name, "vector-effect": "non-scaling-stroke" });
}

/**
 * @param {BatchImage} image
 * @param {string} run
 * @param {State} state
 */
function overlay(image, run, state) {
  const of = (/** @type {string} */ source) =>
    image.annotations.filter((row) => row.source === source);
  const truths = of("ground_truth");
  const width = image.width ?? 1;
  const height = image.height ?? 1;
  const detections = of(run).filter((row) => (row.confidence ?? 0) >= state.confidence);
  if (state.kind !== "bbox") {
    // Masks and keypoints are compared by the server alone: what hits is not known here.
    return s(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" },
      truths.map((row) => box(row.bbox, "flip-truth")),
      detections.map((row) => box(row.bbox, "flip-detection")),
    );
  }
  const judged = judge(truths, detections, state.iou);
  return s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" },
    judged.hit.map((row) => box(row.bbox, "flip-hit")),
    judged.missed.map((row) => box(row.bbox, "flip-missed")),
    judged.wrong.map((row) => box(row.bbox, "flip-wrong")),
  );
}

/**
 * @param {BatchImage | null} image
 * @param {string} run
 * @param {State} state
 */
function pane(image, run, state) {
  const frame = h("span", { class: "flip-frame" });
  if (image?.width && image.height) frame.style.aspectRatio = `${image.width} / ${image.height}`;
  if (image?.picture) {
    const join = image.picture.includes("?") ? "&" : "?";
    frame.append(h("img", { src: `${image.picture}${join}size=medium`, alt: "", loading: "lazy" }));
  }
  if (image && image.width && image.height) frame.append(overlay(image, run, state));
  return frame;
}

/** "2 missed, 1 false", or "right". @param {Schemas["Outcomes"]} outcomes */
export function outcomesText(outcomes) {
  const { false_negatives: missed, false_positives: wrong } = outcomes;
  const words = [missed && `${count(missed)} missed`, wrong && `${count(wrong)} false`];
  return words.filter(Boolean).join(", ") || "right";
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {Flipped} flipped
 * @param {BatchImage | null} image  null: not known yet
 */
export function tile(dataset, state, flipped, image) {
  const side = (/** @type {string} */ run, /** @type {Schemas["Outcomes"]} */ outcomes) =>
    h(
      "span",
      { class: "flip-pane" },
      pane(image, run, state),
      h("span", { class: "flip-run" }, h("strong", null, run), " ", outcomesText(outcomes)),
    );
  return h(
    "a",
    { class: "flip", href: sideAddress(dataset, state, { image: flipped.image_id }) },
    h("span", { class: "flip-name" }, flipped.file_name ?? `image ${flipped.image_id}`),
    h("span", { class: "flip-panes" }, side(state.a, flipped.a), side(state.b, flipped.b)),
  );
}
