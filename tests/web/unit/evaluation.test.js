/** What the view of an evaluation makes of its document. */
import assert from "node:assert/strict";
import test from "node:test";

import {
  advise,
  mainError,
  mixedUp,
  scoreBias,
  worstClass,
} from "../../../web/views/evaluation/advice.js";
import { matrixData, mostConfused } from "../../../web/views/evaluation/confusion.js";
import {
  hasCurve,
  merged,
  overConfidence,
  precisionRecall,
} from "../../../web/views/evaluation/curves.js";
import { cellName, isSameEvaluation, stateOf } from "../../../web/views/evaluation/state.js";

const NONE = { missed: 0, localisation: 0, classification: 0, duplicate: 0 };
const NO_OTHERS = { both: 0, background: 0, true_positive: 0, ignored: 0 };

const row = (id, AP, truths, counts = {}) => ({
  category_id: id,
  category: `class-${id}`,
  AP,
  truths,
  errors: { counts: { ...NONE, ...NO_OTHERS, ...counts } },
});

const document = (changes = {}) => ({
  metrics: { AP: 0.5 },
  truths: 100,
  errors: { counts: { ...NONE, ...NO_OTHERS }, dap: {} },
  operating_point: { f1: 0.7 },
  best_f1: { f1: 0.7, confidence: 0.3 },
  per_class: [],
  ...changes,
});

const state = stateOf("demo", new URLSearchParams("run=baseline"));
const here = (changes) => `/here?${JSON.stringify(changes)}`;

test("the address says what is shown, within bounds", () => {
  const asked = stateOf("d", new URLSearchParams("run=a,b&iou=7&confidence=x&iou_type=segm"));
  assert.deepEqual(asked, {
    dataset: "d",
    run: "a",
    iou: 0.95,
    confidence: 0.25,
    split: "",
    slice: "",
    iouType: "segm",
    sigmas: "",
    class: "",
  });
  assert.ok(isSameEvaluation(asked, { ...asked, iou: 0.6, confidence: 0.9, class: "kite" }));
  assert.ok(!isSameEvaluation(asked, { ...asked, slice: "night" }));
  const posed = { ...asked, iouType: "keypoints" };
  assert.ok(!isSameEvaluation(posed, { ...posed, sigmas: "0.1" }));
  assert.ok(isSameEvaluation(asked, { ...asked, sigmas: "0.1" }));
});

test("a class with few objects is the worst only among such", () => {
  const many = [row(1, 0.4, 50), row(2, 0.3, 40), row(3, 0.0, 2), row(4, -1, 0)];
  assert.equal(worstClass(many).category_id, 2);
  assert.equal(worstClass([row(1, 0.4, 5), row(3, 0.0, 2)]).category_id, 3);
  assert.equal(worstClass([row(4, -1, 0)]), null);
});

test("the main error is one that costs recall, before noise of low scores", () => {
  assert.deepEqual(mainError(row(1, 0.5, 9, { background: 50, missed: 3 })), {
    type: "missed",
    count: 3,
  });
  assert.equal(mainError(row(1, 0.5, 9, { background: 50 })).type, "background");
  assert.equal(mainError(row(1, 0.5, 9)), null);
});

test("two classes are mixed up in both directions, and the background is none", () => {
  const matrix = {
    cells: [
      [1, 1, 90],
      [1, 2, 4],
      [2, 1, 5],
      [3, 1, 8],
      [null, 2, 99],
      [1, null, 70],
    ],
  };
  assert.deepEqual(mixedUp(matrix), { a: 2, b: 1, count: 9, most: 5 });
  assert.equal(mixedUp({ cells: [[1, 1, 5]] }), null);
  assert.equal(mixedUp(undefined), null);
});

test("scores above what is right are a positive bias", () => {
  const bins = [
    { count: 10, confidence: 0.9, precision: 0.6 },
    { count: 0, confidence: -1, precision: -1 },
    { count: 30, confidence: 0.5, precision: 0.4 },
  ];
  assert.ok(Math.abs(scoreBias({ bins }) - (10 * 0.3 + 30 * 0.1) / 40) < 1e-12);
  assert.equal(scoreBias({ bins: [] }), 0);
});

test("what costs most comes first, and nothing is made up", () => {
  assert.deepEqual(advise(state, document(), here), []);
  const advice = advise(
    state,
    document({
      errors: {
        counts: { ...NONE, ...NO_OTHERS, missed: 7, localisation: 3 },
        dap: { missed: 0.02, localisation: 0.3, duplicate: 0.001 },
      },
      best_f1: { f1: 0.8, confidence: 0.456 },
      per_class: [row(1, 0.1, 50, { missed: 4 }), row(2, 0.9, 50)],
    }),
    here,
  );
  assert.deepEqual(
    advice.map((one) => one.code),
    ["localisation", "worst_class", "confidence", "missed"],
  );
  assert.equal(advice[0].title, "Localisation errors");
  assert.match(advice[1].href, /category=class-1&.*outcome=missed/);
  assert.equal(advice[2].href, here({ confidence: 0.45 }));
});

test("a run without detections is not one where nothing stands out", () => {
  const [advice, ...others] = advise(state, document({ detections: 0 }), here);
  assert.equal(advice.code, "no_detections");
  assert.deepEqual(others, []);
});

test("a cell names a class so that it is taken for no other", () => {
  assert.equal(cellName(3, "kite"), "kite");
  assert.equal(cellName(null, null), "background");
  assert.equal(cellName(3, "background"), "3");
  assert.equal(cellName(3, "17"), "3");
  assert.equal(cellName(3, null), "3");
});

test("classes that are mixed up come before those that are only missed", () => {
  const cells = [
    { truth: 1, predicted: null, count: 500 },
    { truth: 2, predicted: 3, count: 2 },
    { truth: 4, predicted: 4, count: 900 },
  ];
  assert.deepEqual(mostConfused(cells, [1, 2, 3, 4]), [2, 3, 1, 4]);
});

test("shares are of the whole row, also of what is not shown", () => {
  const cells = [
    { truth: 1, predicted: 1, count: 60 },
    { truth: 1, predicted: 9, count: 30 },
    { truth: 1, predicted: null, count: 10 },
    { truth: null, predicted: 1, count: 5 },
  ];
  const names = new Map([[1, "kite"]]);
  const data = matrixData({ cells, order: [1], names, isShare: true, state });
  assert.deepEqual(data.rows, ["kite", "background"]);
  assert.deepEqual(
    data.cells.map((cell) => [cell.row, cell.column, cell.text, cell.isRight]),
    [
      [0, 0, "60", true],
      [0, 1, "10", false],
      [1, 0, "100", false],
    ],
  );
  assert.equal(data.cells[1].tip[0], "kite not found");
  assert.equal(data.cells[2].tip[0], "kite where nothing is");
});

test("numbers over the confidence come from the bins and from the points, exactly", () => {
  const bins = [
    { low: 0, count: 4, precision: 0.25, confidence: 0.2 },
    { low: 0.5, count: 2, precision: 1, confidence: 0.8 },
  ];
  const point = { confidence: 0.25, precision: 0.6, recall: 0.6, f1: 0.6 };
  const known = { ...point, true_positives: 3, false_negatives: 2 };
  const made = overConfidence(bins, [known, null]);
  assert.deepEqual(
    made.map((one) => one.confidence),
    [0, 0.25, 0.5],
  );
  assert.deepEqual([made[0].precision, made[0].recall], [0.5, 0.6]);
  assert.deepEqual([made[2].precision, made[2].recall, made[2].f1], [1, 0.4, 4 / 7]);
  assert.deepEqual(overConfidence([], [null]), []);
});

test("the curve at the chosen IoU comes first, and one that does not exist is no other", () => {
  const curves = {
    iou_thresholds: [0.5, 0.55, 0.75],
    recall: [0, 1],
    precision: [
      [1, 0.5],
      [1, -1],
      [0.8, 0],
    ],
  };
  const point = { recall: 0.5, precision: 0.9, f1: 0.6 };
  const chosen = precisionRecall(curves, { ...state, iou: 0.75 }, point);
  assert.equal(chosen.lines[0].label, "IoU 0.75");
  assert.deepEqual(chosen.dots[0].x, 0.5);
  assert.equal(chosen.lines.find((line) => line.label === "IoU 0.55").points[1].y, 0);
  const none = precisionRecall(curves, { ...state, iou: 0.3 }, null);
  assert.ok(none.lines.every((line) => line.width < 3));
  assert.deepEqual(none.dots, []);
});

test("a curve that comes later takes its place among the others", () => {
  const some = {
    iou_thresholds: [0.5, 0.9],
    recall: [0, 1],
    precision: [
      [1, 0.5],
      [0.9, 0],
    ],
  };
  const more = { iou_thresholds: [0.65], recall: [0, 1], precision: [[1, 0.2]] };
  const all = merged(some, more);
  assert.deepEqual(all.iou_thresholds, [0.5, 0.65, 0.9]);
  assert.deepEqual(all.precision, [
    [1, 0.5],
    [1, 0.2],
    [0.9, 0],
  ]);
  assert.ok(hasCurve(all, 0.65) && !hasCurve(some, 0.65) && !hasCurve(undefined, 0.5));
  assert.equal(merged(undefined, more), more);
});
