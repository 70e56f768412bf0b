/** What lies under a point, which rows belong together, and which are drawn in which colour. */
import assert from "node:assert/strict";
import test from "node:test";

import { classColor, outcomeColor, sourceColor } from "../../../web/lib/color.js";
import {
  hitTest,
  isInMask,
  outcomeOf,
  partnersOf,
  pointsOf,
  sizeOf,
} from "../../../web/viewer/geometry.js";
import { colorRule, drawnRows, labelOf } from "../../../web/viewer/look.js";
import { fitView, keepInside, toImage, viewOfBox, zoomAt } from "../../../web/viewer/zoom.js";

const row = (id, more = {}) => ({
  source: "ground_truth",
  annotation_id: id,
  category_id: 1,
  category: "kite",
  bbox: [10, 10, 20, 20],
  confidence: null,
  is_crowd: false,
  segmentation: null,
  keypoints: null,
  outcome: null,
  iou: null,
  matched_id: null,
  ...more,
});
const ids = (rows) => rows.map(({ annotation_id }) => annotation_id);

test("the smallest thing under the pointer comes first", () => {
  const rows = [
    row(1, { bbox: [0, 0, 100, 100] }),
    row(2, { bbox: [10, 10, 5, 5] }),
    row(3, { bbox: [50, 50, 5, 5] }),
  ];
  assert.deepEqual(ids(hitTest(rows, 12, 12)), [2, 1]);
  assert.deepEqual(ids(hitTest(rows, 17, 12)), [1]);
  assert.deepEqual(ids(hitTest(rows, 17, 12, 3)), [2, 1]);
  assert.deepEqual(ids(hitTest(rows, 101, 50)), []);
});

test("a mask that covers the pointer is before a smaller box that is empty there", () => {
  const square = [[0, 0, 100, 0, 100, 100, 0, 100]];
  const corner = [[10, 10, 20, 10, 10, 20]];
  const rows = [
    row(1, { bbox: [10, 10, 10, 10], segmentation: corner }),
    row(2, { bbox: [0, 0, 100, 100], segmentation: square }),
  ];
  assert.deepEqual(ids(hitTest(rows, 12, 12)), [1, 2]);
  assert.deepEqual(ids(hitTest(rows, 19, 19)), [2, 1]);
});

test("masks of run lengths cover their pixels", () => {
  const mask = row(1, { segmentation: { size: [4, 3], counts: [5, 2, 5] } });
  assert.ok(isInMask(mask, 1.5, 1.5));
  assert.ok(isInMask(mask, 1.5, 2.9));
  assert.ok(!isInMask(mask, 1.5, 3.1));
  assert.ok(!isInMask(mask, 0.5, 1.5));
});

const truth = row(7);
const crowd = row(8, { is_crowd: true });
const found = row(1, { source: "a", confidence: 0.9, outcome: "true_positive", matched_id: 7 });
const loose = row(2, { source: "a", confidence: 0.4, outcome: "localisation", matched_id: 7 });
const other = row(1, { source: "b", confidence: 0.8, outcome: "background" });
const rows = [truth, crowd, loose, found, other];

test("a matched pair finds each other, true positives first", () => {
  assert.deepEqual(partnersOf(found, rows), [truth]);
  assert.deepEqual(partnersOf(truth, rows), [found, loose]);
  assert.deepEqual(partnersOf(other, rows), []);
});

test("beside several runs a ground truth has its outcome in the first one", () => {
  assert.equal(outcomeOf(truth, rows, "a"), "true_positive");
  assert.equal(outcomeOf(truth, rows, "b"), "missed");
  assert.equal(outcomeOf(crowd, rows, "b"), "ignored");
  assert.equal(outcomeOf(truth, [truth, row(3, { source: "c", confidence: 1 })], "c"), null);
  assert.equal(outcomeOf({ ...truth, outcome: "missed" }, rows, "a"), "missed");
});

const choice = (more) => ({
  show: "both",
  confidence: 0,
  color: "class",
  runs: ["a", "b"],
  hidden: new Set(),
  ...more,
});

test("what is drawn follows the source, the score and the legend", () => {
  const drawn = (more) => new Set(drawnRows(rows, choice(more)));
  assert.deepEqual(drawn({}), new Set(rows));
  assert.deepEqual(drawn({ show: "truth", confidence: 1 }), new Set([truth, crowd]));
  assert.deepEqual(drawn({ show: "predictions" }), new Set([loose, found, other]));
  assert.deepEqual(drawn({ confidence: 0.5, runs: ["a"] }), new Set([truth, crowd, found]));
  assert.deepEqual(drawn({ hidden: new Set(["kite"]) }), new Set());
  const noBackground = { color: "outcome", hidden: new Set(["background", "ignored"]) };
  assert.deepEqual(drawn(noBackground), new Set([truth, loose, found]));
});

test("colours follow the class, the source or the outcome", () => {
  const color = (name, one) => colorRule(choice({ color: name }), rows)(one);
  assert.equal(color("class", found), classColor("kite"));
  assert.equal(color("source", truth), sourceColor(0));
  assert.equal(color("source", other), sourceColor(2));
  assert.equal(color("outcome", loose), outcomeColor("localisation"));
  assert.equal(color("outcome", truth), outcomeColor("true_positive"));
  assert.equal(labelOf(found), "kite 0.90");
  assert.equal(labelOf({ ...truth, category: null }), "class 1");
});

test("an image without a size is as large as what is in it", () => {
  assert.deepEqual(sizeOf({ width: 5, height: 7 }, rows), { width: 5, height: 7 });
  assert.deepEqual(sizeOf({ width: null, height: null }, rows), { width: 30, height: 30 });
  assert.deepEqual(sizeOf(null), { width: 640, height: 480 });
});

test("points are read three by three", () => {
  assert.deepEqual(pointsOf([1, 2, 2, 3, 4, 0, 9]), [
    { x: 1, y: 2, visibility: 2 },
    { x: 3, y: 4, visibility: 0 },
  ]);
  assert.deepEqual(pointsOf(null), []);
});

test("a zoom leaves the point under the pointer where it is", () => {
  const stage = { width: 800, height: 600 };
  const image = { width: 640, height: 480 };
  const fitted = fitView(stage, image, 0);
  assert.deepEqual(fitted, { scale: 1.25, left: 0, top: 0 });
  const before = toImage(fitted, 300, 200);
  const view = zoomAt(fitted, 3, 300, 200, fitted);
  const after = toImage(view, 300, 200);
  assert.ok(Math.abs(before.x - after.x) < 1e-9 && Math.abs(before.y - after.y) < 1e-9);
  assert.equal(view.scale, 3.75);
  assert.ok(zoomAt(fitted, 1e9, 0, 0, fitted).scale <= 40);
  assert.ok(zoomAt(fitted, 1e-9, 0, 0, fitted).scale >= fitted.scale / 4);
  const gone = keepInside({ scale: 1, left: -9999, top: 9999 }, stage, image);
  assert.ok(gone.left + image.width >= stage.width / 2 && gone.top <= stage.height / 2);
});

test("a view of a box has it in the middle", () => {
  const stage = { width: 800, height: 600 };
  const view = viewOfBox([100, 200, 40, 30], stage, fitView(stage, { width: 640, height: 480 }));
  const middle = toImage(view, 400, 300);
  assert.ok(Math.abs(middle.x - 120) < 1e-9 && Math.abs(middle.y - 215) < 1e-9);
});
