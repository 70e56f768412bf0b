/** Is run B really better: the words, and what they are made from. */
import assert from "node:assert/strict";
import test from "node:test";

import { judge, overlap } from "../../../web/views/comparison/match.js";
import { defaultRuns, isSameSelection, stateOf } from "../../../web/views/comparison/state.js";
import { countsText, kindOf, rangeText, verdictOf } from "../../../web/views/comparison/verdict.js";
import { againstBest, ticked } from "../../../web/views/leaderboard/state.js";

const point = (found, wrong) => ({
  iou: 0.5,
  confidence: 0.25,
  true_positives: found,
  false_positives: wrong,
});

function comparison({ change = 0.043, range = [0.021, 0.066], verdict = "better", ...more } = {}) {
  const measured = { resamples: 1000, difference: range, b_wins: 0.998, verdict };
  return {
    a: { run: "old" },
    b: { run: "new" },
    metrics: {
      a: { AP: 0.5, AP50: 0.6 },
      b: { AP: 0.5 + change, AP50: 0.6 },
      difference: { AP: change, AP50: 0 },
    },
    operating_point: { a: point(10, 5), b: point(11, 3) },
    bootstrap: { metrics: { AP: measured, AP50: { ...measured, difference: [0, 0] } } },
    flips: { images: 60 },
    ...more,
  };
}

test("a run that is better is said to be, with the interval", () => {
  const { kind, title, numbers, plain, doubts } = verdictOf(comparison());
  assert.equal(kind, "better");
  assert.equal(title, "new is better than old");
  assert.equal(numbers, "AP +0.043 (95\u2009% interval +0.021 to +0.066)");
  assert.match(plain.join(" "), /1\u2009000 times more.* of these 60 images: new was ahead in 100/);
  assert.deepEqual(doubts, []);
});

test("what chance explains is not called better", () => {
  const document = comparison({ change: 0.003, range: [-0.01, 0.016], verdict: "unclear" });
  const { title, numbers, plain } = verdictOf(document);
  assert.equal(title, "No difference that can be told from chance");
  assert.match(numbers, /−0\.010 to \+0\.016/);
  assert.match(plain.join(" "), /The interval includes 0/);
});

test("a worse run, equal ones, and nothing to measure", () => {
  const worse = comparison({ change: -0.1, range: [-0.2, -0.05], verdict: "worse" });
  assert.equal(verdictOf(worse).title, "new is worse than old");
  const equal = comparison({ change: 0, range: [0, 0], verdict: "unclear" });
  assert.equal(verdictOf(equal).title, "old and new do equally well");
  const none = comparison();
  none.metrics.difference.AP = null;
  assert.deepEqual([verdictOf(none).kind, verdictOf(none).numbers], ["none", ""]);
  const unmeasured = comparison({ bootstrap: null });
  assert.equal(kindOf(unmeasured), "unmeasured");
});

test("few images and another number that says otherwise are doubts", () => {
  const document = comparison({ flips: { images: 8 } });
  document.metrics.difference.AP50 = -0.02;
  document.bootstrap.metrics.AP50 = {
    ...document.bootstrap.metrics.AP,
    difference: [-0.03, -0.01],
    verdict: "worse",
  };
  const { doubts } = verdictOf(document);
  assert.match(doubts[0], /only 8 images/);
  assert.match(doubts[1], /^AP50 says otherwise: new is worse, −0\.020 \(−0\.030 to −0\.010\)/);
});

test("a small difference is said to be, and its interval does not read as if it held 0", () => {
  const document = comparison({ change: 0.006, range: [0.0004, 0.012] });
  const { numbers, doubts } = verdictOf(document);
  assert.match(numbers, /\+0\.0004 to \+0\.0120/);
  assert.match(doubts.join(" "), /sure, but small/);
  assert.equal(rangeText([0, 0.01]), "0.000 to +0.010");
  assert.equal(rangeText(null), "–");
});

test("the operating point in words", () => {
  assert.equal(
    countsText(comparison()),
    "At scores from 0.25 and IoU 0.50, new finds 1 more object and makes 2 fewer false detections.",
  );
  assert.equal(countsText(comparison({ operating_point: { a: null, b: null } })), "");
});

test("without names in the address the newest runs are compared, the newer as B", () => {
  const sources = [
    { source: "ground_truth", imported_at: "2026-01-09T00:00:00Z" },
    { source: "x", imported_at: "2026-01-03T00:00:00Z" },
    { source: "y", imported_at: "2026-01-01T00:00:00Z" },
    { source: "z", imported_at: "2026-01-02T00:00:00Z" },
  ];
  assert.deepEqual(defaultRuns(sources, "", ""), { a: "z", b: "x" });
  assert.deepEqual(defaultRuns(sources, "x", ""), { a: "x", b: "z" });
  assert.deepEqual(defaultRuns(sources, "", "x"), { a: "z", b: "x" });
  assert.deepEqual(defaultRuns(sources, "gone", "x"), { a: "gone", b: "x" });
  assert.equal(defaultRuns(sources.slice(0, 2), "", ""), null);
});

test("the sliders do not choose other runs or images", () => {
  const state = (text) => stateOf(new URLSearchParams(text));
  const one = state("run=a&with=b&iou=0.5");
  assert.ok(isSameSelection(one, state("run=a&with=b&iou=0.7&confidence=0.1")));
  for (const other of ["run=b&with=a", "run=a&with=b&split=val", "run=a&with=b&iou_type=segm"]) {
    assert.ok(!isSameSelection(one, state(other)));
  }
});

const row = (category_id, bbox, more = {}) => ({ category_id, bbox, is_crowd: false, ...more });

test("overlaps are those of COCO", () => {
  assert.equal(overlap([0, 0, 10, 10], [0, 0, 10, 10]), 1);
  assert.equal(overlap([0, 0, 10, 10], [5, 0, 10, 10]), 1 / 3);
  assert.equal(overlap([0, 0, 10, 10], [5, 0, 100, 100], true), 0.5);
  assert.equal(overlap([0, 0, 10, 10], [20, 0, 10, 10]), 0);
});

test("the surest detection takes the object, a second one is wrong", () => {
  const object = row(1, [0, 0, 10, 10]);
  const far = row(1, [50, 50, 10, 10]);
  const crowd = row(1, [100, 100, 50, 50], { is_crowd: true });
  const sure = row(1, [1, 0, 10, 10], { confidence: 0.9 });
  const second = row(1, [0, 0, 10, 10], { confidence: 0.5 });
  const other = row(2, [50, 50, 10, 10], { confidence: 0.8 });
  const crowded = row(1, [110, 110, 5, 5], { confidence: 0.7 });
  const judged = judge([object, far, crowd], [second, other, crowded, sure], 0.5);
  assert.deepEqual(judged.found, [sure]);
  assert.deepEqual(judged.hit, [object]);
  assert.deepEqual(judged.wrong, [other, second]);
  assert.deepEqual(judged.missed, [far]);
});

test("of three ticks the oldest goes", () => {
  assert.deepEqual(ticked([], "a", true), ["a"]);
  assert.deepEqual(ticked(["a", "b"], "c", true), ["b", "c"]);
  assert.deepEqual(ticked(["a", "b"], "a", false), ["b"]);
});

test("a run is compared with the best, the best with the second", () => {
  const runs = [
    { run_name: "first", value: 0.7 },
    { run_name: "second", value: 0.6 },
    { run_name: "new", value: null },
  ];
  assert.deepEqual(againstBest(runs, runs[0]), { a: "second", b: "first" });
  assert.deepEqual(againstBest(runs, runs[1]), { a: "first", b: "second" });
  assert.equal(againstBest(runs, runs[2]), null);
});
