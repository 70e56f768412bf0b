/**
 * Draws annotations on a canvas: ground truth solid, predictions dashed; masks, keypoints with
 * skeletons, crowds hatched, labels.
 *
 * @typedef {import("./geometry.js").Annotation} Annotation
 * @typedef {object} Scene
 * @property {Annotation[]} rows  those to draw, from bottom to top
 * @property {import("./zoom.js").View} view  where the image lies on the canvas
 * @property {(row: Annotation) => string} color
 * @property {number} line  width of lines, in pixels of the screen
 * @property {boolean} [labels]
 * @property {boolean} [masks]
 * @property {boolean} [points]  keypoints
 * @property {(row: Annotation) => number[][]} [skeleton]  pairs of points, counted from 1
 * @property {Set<Annotation> | null} [marked]  rows that stand out; the others step back
 */
import { isTruth, pointsOf } from "./geometry.js";
import { labelOf } from "./look.js";
import { shapeOf } from "./shapes.js";

const LABEL_FONT = '12px system-ui, "DejaVu Sans", sans-serif';
const LABEL_HEIGHT = 17;
/** More labels than these would cover the picture: the surest and largest ones have theirs. */
const MOST_LABELS = 150;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {number} [ratio]  pixels of the canvas for one of the screen
 */
export function drawScene(context, scene, ratio = 1) {
  const { rows, view, marked } = scene;
  for (const row of rows) {
    const isMarked = marked?.has(row) ?? false;
    context.globalAlpha = marked?.size && !isMarked ? 0.3 : 1;
    inImage(context, view, ratio);
    drawMask(context, scene, row, isMarked);
    drawBox(context, scene, row, isMarked);
    if (scene.points) drawPoints(context, scene, row, ratio);
  }
  context.globalAlpha = 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.setLineDash([]);
  if (scene.labels) drawLabels(context, scene, ratio);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./zoom.js").View} view
 * @param {number} ratio
 */
function inImage(context, { scale, left, top }, ratio) {
  context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * left, ratio * top);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Annotation} row
 * @param {boolean} isMarked
 */
function drawMask(context, scene, row, isMarked) {
  const shape = scene.masks || row.is_crowd ? shapeOf(row) : null;
  if (!shape && !row.is_crowd) return;
  const color = scene.color(row);
  const alpha = context.globalAlpha;
  context.fillStyle = row.is_crowd ? hatching(context, color, scene.view.scale) : color;
  context.globalAlpha = alpha * (row.is_crowd ? 0.8 : isMarked ? 0.5 : 0.22);
  if (shape) context.fill(shape.fill, "evenodd");
  else fillBox(context, row);
  context.globalAlpha = alpha;
  if (!shape || !scene.masks) return;
  stroke(context, scene, row, isMarked, 0.75);
  context.stroke(shape.outline);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Annotation} row
 */
function fillBox(context, { bbox }) {
  const [x, y, width, height] = bbox.map(Number);
  context.fillRect(x, y, width, height);
}

/**
 * Sets the pen for a row: lines are as wide at every zoom.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Annotation} row
 * @param {boolean} isMarked
 * @param {number} [thin]
 */
function stroke(context, { view, line, color }, row, isMarked, thin = 1) {
  const width = (line * thin * (isMarked ? 1.6 : 1)) / view.scale;
  context.lineWidth = width;
  context.strokeStyle = color(row);
  context.setLineDash(isTruth(row) ? [] : [width * 3.5, width * 2]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Annotation} row
 * @param {boolean} isMarked
 */
function drawBox(context, scene, row, isMarked) {
  const [x, y, width, height] = row.bbox.map(Number);
  stroke(context, scene, row, isMarked);
  context.strokeRect(x, y, width, height);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Annotation} row
 * @param {number} ratio
 */
function drawPoints(context, scene, row, ratio) {
  const points = pointsOf(row.keypoints);
  if (points.length === 0) return;
  const { scale, left, top } = scene.view;
  const at = points.map(({ x, y }) => [x * scale + left, y * scale + top]);
  const isThere = (/** @type {number} */ i) => points[i]?.visibility > 0;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.setLineDash(isTruth(row) ? [] : [4, 3]);
  context.strokeStyle = context.fillStyle = scene.color(row);
  context.lineWidth = scene.line;
  context.beginPath();
  for (const [from, to] of scene.skeleton?.(row) ?? []) {
    if (!isThere(from - 1) || !isThere(to - 1)) continue;
    context.moveTo(at[from - 1][0], at[from - 1][1]);
    context.lineTo(at[to - 1][0], at[to - 1][1]);
  }
  context.stroke();
  context.setLineDash([]);
  const radius = Math.max(1.5, scene.line * 1.5);
  points.forEach(({ visibility }, i) => {
    if (!(visibility > 0)) return;
    context.beginPath();
    context.arc(at[i][0], at[i][1], radius, 0, 2 * Math.PI);
    if (visibility === 1) context.stroke();
    else context.fill();
  });
}

/** @type {Map<string, HTMLCanvasElement>} */
const hatchings = new Map();

/**
 * Lines across, as close at every zoom.
 * @param {CanvasRenderingContext2D} context
 * @param {string} color
 * @param {number} scale
 */
function hatching(context, color, scale) {
  let tile = hatchings.get(color);
  if (!tile) {
    tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
    pen.strokeStyle = color;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift - 1, 9);
      pen.lineTo(shift + 9, -1);
    }
    pen.stroke();
    if (hatchings.size > 200) hatchings.clear();
    hatchings.set(color, tile);
  }
  const pattern = /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}

/**
 * Labels of ground truths stand above their boxes, those of predictions below; where another one
 * stands there already, inside. One that has no room is left out: the pointer and the list tell.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {number} ratio
 */
function drawLabels(context, scene, ratio) {
  const { rows, view, marked } = scene;
  const [width, height] = [context.canvas.width / ratio, context.canvas.height / ratio];
  const taken = /** @type {{left: number, top: number, size: number}[]} */ ([]);
  const chosen = marked?.size ? rows.filter((row) => marked.has(row)) : rows.slice(-MOST_LABELS);
  context.font = LABEL_FONT;
  context.textBaseline = "middle";
  for (const row of chosen) {
    const [x, y, , boxHeight] = row.bbox.map(Number);
    const left = Math.max(0, x * view.scale + view.left);
    const [above, below] = [y, y + boxHeight].map((edge) => edge * view.scale + view.top);
    if (left > width || below < 0 || above > height) continue;
    const text = labelOf(row);
    const size = context.measureText(text).width + 12;
    const places = isTruth(row)
      ? [above - LABEL_HEIGHT, above, below]
      : [below, below - LABEL_HEIGHT, above - LABEL_HEIGHT];
    const top = places
      .map((place) => Math.min(height - LABEL_HEIGHT, Math.max(0, place)))
      .find((place) => !taken.some((one) => isOver(one, left, place, size)));
    if (top === undefined) continue;
    taken.push({ left, top, size });
    drawLabel(context, text, scene.color(row), left, top, size);
  }
}

/**
 * @param {{left: number, top: number, size: number}} label
 * @param {number} left
 * @param {number} top
 * @param {number} size
 */
function isOver(label, left, top, size) {
  return (
    Math.abs(label.top - top) < LABEL_HEIGHT &&
    left < label.left + label.size &&
    label.left < left + size
  );
}

/**
 * Light on dark beside its colour, readable on every picture.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {string} color
 * @param {number} left
 * @param {number} top
 * @param {number} size
 */
function drawLabel(context, text, color, left, top, size) {
  context.fillStyle = "rgb(16 18 24 / 82%)";
  context.fillRect(left, top, size, LABEL_HEIGHT);
  context.fillStyle = color;
  context.fillRect(left, top, 4, LABEL_HEIGHT);
  context.fillStyle = "#fff";
  context.fillText(text, left + 8, top + LABEL_HEIGHT / 2 + 0.5);
}
