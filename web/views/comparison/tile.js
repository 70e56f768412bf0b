/** A flipped image: what A and what B does in it, side by side, small. */
import { sourceColor } from "../../lib/color.js";
import { h, s } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { pictureAddress, setPicture } from "../../lib/pictures.js";
import { isTruth } from "../../viewer/geometry.js";
import { drawScene } from "../../viewer/scene.js";
import { sideAddress } from "./addresses.js";
import { judge } from "./match.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {Schemas["FlippedImages"]["images"][number]} Flipped
 * @typedef {Schemas["AnnotationsBatch"]["images"][number]} BatchImage
 */

/** The longer side of a canvas, and the width of its lines; it is shown smaller. */
const CANVAS = 480;
const LINE = 5;

/**
 * A box of the overlay.
 * @param {readonly number[]} bbox
 * @param {string} name  a class of CSS
 */
function box([x, y, width, height], name) {
  return s("rect", { x, y, width, height, class: name, "vector-effect": "non-scaling-stroke" });
}

/**
 * The objects of an image, and what a run finds at the chosen score.
 * @param {BatchImage} image
 * @param {string} run
 * @param {State} state
 */
function rowsOf(image, run, state) {
  const isSure = (/** @type {Schemas["Annotation"]} */ row) =>
    row.source === run && (row.confidence ?? 0) >= state.confidence;
  return {
    truths: image.annotations.filter(isTruth),
    detections: image.annotations.filter(isSure),
  };
}

/**
 * @param {BatchImage} image
 * @param {string} run
 * @param {State} state
 */
function overlay(image, run, state) {
  const { truths, detections } = rowsOf(image, run, state);
  const width = image.width ?? 1;
  const height = image.height ?? 1;
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
 * Masks and keypoints: which of them hit is known to the server alone.
 * @param {BatchImage} image
 * @param {string} run
 * @param {State} state
 */
function drawn(image, run, state) {
  const scale = CANVAS / Math.max(image.width ?? 1, image.height ?? 1);
  const canvas = h("canvas", {
    width: Math.round((image.width ?? 1) * scale),
    height: Math.round((image.height ?? 1) * scale),
  });
  const context = canvas.getContext("2d");
  const { truths, detections } = rowsOf(image, run, state);
  if (context) {
    drawScene(context, {
      rows: [...truths, ...detections],
      view: { scale, left: 0, top: 0 },
      color: (row) => sourceColor(isTruth(row) ? 0 : 1),
      line: LINE,
      masks: state.kind === "segm",
      points: state.kind === "keypoints",
    });
  }
  return canvas;
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
    const img = h("img", { alt: "", loading: "lazy" });
    img.addEventListener("error", () => img.remove());
    setPicture(img, pictureAddress(image.picture, "medium"));
    frame.append(img);
  }
  if (image?.width && image.height) {
    frame.append(state.kind === "bbox" ? overlay(image, run, state) : drawn(image, run, state));
  }
  return frame;
}

/** "2 missed, 1 false", or "right". @param {Schemas["Outcomes"]} outcomes */
function outcomesText(outcomes) {
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
      h(
        "span",
        { class: "flip-run" },
        h("strong", { title: run }, run),
        " ",
        outcomesText(outcomes),
      ),
    );
  const name = flipped.file_name ?? `image ${flipped.image_id}`;
  return h(
    "a",
    { class: "flip", href: sideAddress(dataset, state, { image: flipped.image_id }) },
    h("span", { class: "flip-name", title: name }, name),
    h("span", { class: "flip-panes" }, side(state.a, flipped.a), side(state.b, flipped.b)),
  );
}
