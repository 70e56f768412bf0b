/**
 * Where things are: boxes, masks and points of annotations, what lies under a point of an image,
 * and which rows belong together.
 *
 * @typedef {import("../lib/api.js").Schemas["Annotation"]} Annotation
 * @typedef {object} Point
 * @property {number} x
 * @property {number} y
 * @property {number} visibility  0: not there, 1: hidden, 2: visible
 */
import { rleOf, runsOf } from "./rle.js";

/** A name of a row within its image. @param {Annotation} row */
export function keyOf(row) {
  return `${row.source}:${row.annotation_id}`;
}

/** @param {Annotation} row */
export function isTruth(row) {
  return row.source === "ground_truth";
}

/**
 * The polygons of a mask: lists of x, y, x, y…; none where it has no polygons.
 * @param {unknown} segmentation
 * @returns {number[][]}
 */
export function polygonsOf(segmentation) {
  if (!Array.isArray(segmentation)) return [];
  return segmentation.filter((one) => Array.isArray(one) && one.length >= 6);
}

/**
 * @param {unknown} keypoints  x, y, visibility of each point, in one list
 * @returns {Point[]}
 */
export function pointsOf(keypoints) {
  if (!Array.isArray(keypoints)) return [];
  const points = /** @type {Point[]} */ ([]);
  for (let i = 0; i + 2 < keypoints.length; i += 3) {
    const [x, y, visibility] = keypoints.slice(i, i + 3).map(Number);
    points.push({ x, y, visibility });
  }
  return points;
}

/**
 * The size to draw an image in: that of the file, or what holds all boxes.
 * @param {{width?: number | null, height?: number | null} | null | undefined} image
 * @param {Annotation[]} [rows]
 */
export function sizeOf(image, rows = []) {
  if (image?.width && image.height) return { width: image.width, height: image.height };
  let [width, height] = [0, 0];
  for (const { bbox } of rows) {
    width = Math.max(width, Number(bbox[0]) + Number(bbox[2]));
    height = Math.max(height, Number(bbox[1]) + Number(bbox[3]));
  }
  return width && height ? { width, height } : { width: 640, height: 480 };
}

/** @param {Annotation} row */
export function boxArea({ bbox }) {
  return Number(bbox[2]) * Number(bbox[3]);
}

/**
 * @param {number[]} polygon
 * @param {number} x
 * @param {number} y
 */
function isInPolygon(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i + 1 < polygon.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [polygon[i], polygon[i + 1], polygon[j], polygon[j + 1]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Whether the mask of a row covers a point; false without a mask.
 * @param {Annotation} row
 * @param {number} x
 * @param {number} y
 */
export function isInMask({ segmentation }, x, y) {
  const rle = rleOf(segmentation);
  if (!rle) return polygonsOf(segmentation).some((polygon) => isInPolygon(polygon, x, y));
  const [column, line] = [Math.floor(x), Math.floor(y)];
  return runsOf(rle).some((run) => run.x === column && run.top <= line && line < run.bottom);
}

/**
 * The rows under a point of the image: those whose mask covers it before those whose box alone
 * does, and small ones before large ones.
 * @param {Annotation[]} rows
 * @param {number} x
 * @param {number} y
 * @param {number} [slack]  how far outside of a box still counts, in pixels of the image
 * @returns {Annotation[]}
 */
export function hitTest(rows, x, y, slack = 0) {
  const hits = rows.filter(({ bbox }) => {
    const [left, top, width, height] = bbox.map(Number);
    return (
      x >= left - slack &&
      y >= top - slack &&
      x <= left + width + slack &&
      y <= top + height + slack
    );
  });
  const covered = new Set(hits.filter((row) => row.segmentation && isInMask(row, x, y)));
  return hits.sort(
    (a, b) => Number(covered.has(b)) - Number(covered.has(a)) || boxArea(a) - boxArea(b),
  );
}

/**
 * The rows that a row was matched with: the ground truth of a detection; the detections of a
 * ground truth, true positives first.
 * @param {Annotation} row
 * @param {Annotation[]} rows  all of the image
 * @returns {Annotation[]}
 */
export function partnersOf(row, rows) {
  if (!isTruth(row)) {
    if (row.matched_id === null) return [];
    return rows.filter((one) => isTruth(one) && one.annotation_id === row.matched_id);
  }
  return rows
    .filter((one) => !isTruth(one) && one.matched_id === row.annotation_id)
    .sort((a, b) => Number(isFound(b)) - Number(isFound(a)));
}

/** @param {Annotation} row */
function isFound(row) {
  return row.outcome === "true_positive";
}

/**
 * The outcome of a row. Beside several runs the service tells none of a ground truth, because each
 * run has its own: then it is the one in the first run.
 * @param {Annotation} row
 * @param {Annotation[]} rows  all of the image
 * @param {string | undefined} run  the first run
 */
export function outcomeOf(row, rows, run) {
  if (row.outcome || !isTruth(row) || !run) return row.outcome;
  const hits = partnersOf(row, rows).filter((one) => one.source === run);
  if (hits.some(isFound)) return "true_positive";
  if (row.is_crowd) return "ignored";
  const compared = rows.some((one) => one.source === run && one.outcome);
  return compared && hits.length === 0 ? "missed" : null;
}
