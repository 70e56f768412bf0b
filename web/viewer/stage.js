/**
 * One image, large: its picture, and what is drawn over it. Until the picture is there, a small one
 * stands in its place. It zooms and pans; its lines are drawn anew for each view, so they are as
 * sharp and as thin at every zoom.
 *
 * @typedef {import("./geometry.js").Annotation} Annotation
 * @typedef {import("./zoom.js").View} View
 * @typedef {import("./zoom.js").Size} Size
 * @typedef {Omit<import("./scene.js").Scene, "view">} Drawing
 * @typedef {object} Options
 * @property {(view: View) => void} onview  the view was moved here
 * @property {(hits: Annotation[], x: number, y: number) => void} onhover  what is drawn under the
 *   pointer, which is at x, y of the stage
 * @property {(hits: Annotation[]) => void} onpick
 */
import { h } from "../lib/dom.js";
import { setPicture } from "../lib/pictures.js";
import { hitTest } from "./geometry.js";
import { useGestures } from "./gestures.js";
import { drawScene } from "./scene.js";
import { fitView, keepInside, toImage, viewOfBox, zoomAt } from "./zoom.js";

/** How near to a box counts as on it, in pixels of the screen. */
const SLACK = 3;

/** @param {Options} options */
export function createStage({ onview, onhover, onpick }) {
  const img = h("img", { class: "stage-picture", alt: "", draggable: "false" });
  const preview = h("img", { class: "stage-preview", alt: "", draggable: "false" });
  const blank = h("div", { class: "stage-blank" });
  const canvas = h("canvas", { class: "stage-lines" });
  const element = h(
    "div",
    { class: "stage", role: "img", "aria-label": "" },
    blank,
    preview,
    img,
    canvas,
  );
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

  let image = /** @type {Size} */ ({ width: 640, height: 480 });
  let stage = /** @type {Size} */ ({ width: 0, height: 0 });
  let view = /** @type {View} */ ({ scale: 1, left: 0, top: 0 });
  let drawing = /** @type {Drawing | null} */ (null);
  let isFitted = true;
  let frame = 0;

  const fitted = () => fitView(stage, image);

  function draw() {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      const ratio = devicePixelRatio || 1;
      const transform = `translate(${view.left}px, ${view.top}px) scale(${view.scale})`;
      for (const one of [img, preview, blank]) {
        one.style.width = `${image.width}px`;
        one.style.height = `${image.height}px`;
        one.style.transform = transform;
      }
      img.style.imageRendering = view.scale > 5 ? "pixelated" : "auto";
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      if (drawing) drawScene(context, { ...drawing, view }, ratio);
      canvas.dataset.drawn = String(drawing?.rows.length ?? 0);
    });
  }

  /** @param {View} next */
  function move(next) {
    view = keepInside(next, stage, image);
    isFitted = false;
    draw();
    onview(view);
  }

  function resize() {
    stage = { width: element.clientWidth, height: element.clientHeight };
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(stage.width * ratio));
    canvas.height = Math.max(1, Math.round(stage.height * ratio));
    if (isFitted) view = fitted();
    draw();
  }

  const hits = (/** @type {number} */ x, /** @type {number} */ y) => {
    const place = toImage(view, x, y);
    return hitTest(drawing?.rows ?? [], place.x, place.y, SLACK / view.scale);
  };
  useGestures(element, {
    pan: (dx, dy) => move({ ...view, left: view.left + dx, top: view.top + dy }),
    zoom: (factor, x, y) => move(zoomAt(view, factor, x, y, fitted())),
    pick: (x, y) => onpick(hits(x, y)),
    hover: (x, y) => onhover(hits(x, y), x, y),
    leave: () => onhover([], 0, 0),
  });
  const observer = new ResizeObserver(resize);
  observer.observe(element);

  for (const one of [preview, img]) {
    one.addEventListener("load", () => {
      one.hidden = one === preview && !img.hidden;
      // Behind a picture that can be seen through, too.
      if (one === img) preview.hidden = true;
      turn(one);
    });
    one.addEventListener("error", () => (one.hidden = true));
  }

  /**
   * The file may say that it is to be turned; its boxes are those of the pixels as they lie.
   * @param {HTMLImageElement} one
   */
  function turn(one) {
    const { naturalWidth: width, naturalHeight: height } = one;
    const isTurned = width > height !== image.width > image.height && width !== height;
    one.style.imageOrientation = isTurned ? "none" : "from-image";
  }

  return {
    element,
    draw,
    /**
     * @param {Size} size
     * @param {string | null} picture
     * @param {string | null} small  the picture in a small size
     * @param {string} words  for those who do not see it
     */
    setImage(size, picture, small, words) {
      image = size;
      img.hidden = preview.hidden = true;
      setPicture(preview, small);
      setPicture(img, picture);
      element.setAttribute("aria-label", words);
      isFitted = true;
      view = fitted();
      draw();
    },
    /** @param {Drawing | null} next */
    setDrawing(next) {
      drawing = next;
      draw();
    },
    /** The size, when it is known from the boxes alone. @param {Size} size */
    setSize(size) {
      if (size.width === image.width && size.height === image.height) return;
      image = size;
      if (isFitted) view = fitted();
      draw();
    },
    fit() {
      isFitted = true;
      view = fitted();
      draw();
      onview(view);
    },
    /** @param {number} factor */
    zoom: (factor) => move(zoomAt(view, factor, stage.width / 2, stage.height / 2, fitted())),
    /** As another stage of the same size shows it. @param {View} next */
    follow(next) {
      view = next;
      isFitted = false;
      draw();
    },
    /** @param {Annotation} row */
    showRow: (row) => move(viewOfBox(row.bbox.map(Number), stage, fitted())),
    stop() {
      observer.disconnect();
      cancelAnimationFrame(frame);
      setPicture(img, null);
      setPicture(preview, null);
    },
  };
}
