/** Masks as paths of a canvas, made once for each row, in pixels of the image. */
import { polygonsOf } from "./geometry.js";
import { outlineOf, rleOf, runsOf } from "./rle.js";

/**
 * @typedef {{fill: Path2D, outline: Path2D}} Shape
 * @type {WeakMap<object, Shape | null>}
 */
const made = new WeakMap();

/**
 * The mask of a row; null where it has none.
 * @param {{segmentation: unknown}} row
 * @returns {Shape | null}
 */
export function shapeOf(row) {
  let shape = made.get(row);
  if (shape === undefined) {
    shape = makeShape(row.segmentation);
    made.set(row, shape);
  }
  return shape;
}

/** @param {unknown} segmentation */
function makeShape(segmentation) {
  const rle = rleOf(segmentation);
  const runs = rle ? runsOf(rle) : [];
  if (runs.length) return shapeOfRuns(runs);
  const polygons = polygonsOf(segmentation);
  if (polygons.length === 0) return null;
  const path = new Path2D();
  for (const polygon of polygons) {
    path.moveTo(polygon[0], polygon[1]);
    for (let i = 2; i + 1 < polygon.length; i += 2) path.lineTo(polygon[i], polygon[i + 1]);
    path.closePath();
  }
  return { fill: path, outline: path };
}

/** @param {import("./rle.js").Run[]} runs */
function shapeOfRuns(runs) {
  const [fill, outline] = [new Path2D(), new Path2D()];
  for (const { x, top, bottom } of runs) fill.rect(x, top, 1, bottom - top);
  for (const [x1, y1, x2, y2] of outlineOf(runs)) {
    outline.moveTo(x1, y1);
    outline.lineTo(x2, y2);
  }
  return { fill, outline };
}
