/** Sigmas of keypoints: what a person writes, and what the service takes. */
import assert from "node:assert/strict";
import test from "node:test";

import { pointsOf } from "../../../web/lib/kinds.js";
import {
  hasSigmas,
  isOfAll,
  readSigmas,
  shownSigmas,
  sigmasProblem,
} from "../../../web/lib/sigmas.js";
import { isOfOtherSigmas } from "../../../web/views/leaderboard/state.js";

test("one number is for all points, and shown as one", () => {
  assert.equal(readSigmas(" 0.1 ", 4), "0.1,0.1,0.1,0.1");
  assert.equal(shownSigmas("0.1,0.1,0.1,0.1", 4), "0.1");
  assert.equal(readSigmas("0.1, 0.2;0.3  0.4", 4), "0.1,0.2,0.3,0.4");
  assert.equal(shownSigmas("0.1,0.2,0.3,0.4", 4), "0.1, 0.2, 0.3, 0.4");
  assert.equal(shownSigmas("0.1,0.1", 4), "0.1, 0.1");
  assert.equal(readSigmas("0.1", null), "0.1");
  assert.equal(readSigmas(" , ", 4), "");
});

test("there is a question of sigmas only for keypoints that are not COCO's", () => {
  assert.equal(hasSigmas("keypoints", "", 4), true);
  assert.equal(hasSigmas("keypoints", "", 17), false);
  assert.equal(hasSigmas("keypoints", "0.1", 17), true);
  assert.equal(hasSigmas("keypoints", "", null), false);
  assert.equal(hasSigmas("bbox", "0.1", 4), false);
});

test("what is wrong with sigmas is said", () => {
  const problem = (sigmas, points = 4) => sigmasProblem("keypoints", sigmas, points);
  assert.match(problem(""), /have 4 points, and COCO has sigmas for its 17/);
  assert.match(problem("0.1,0.2"), /have 4 points, but there are 2 sigmas/);
  assert.match(problem("0.1,x,0.1,0.1"), /“x” is no sigma/);
  for (const wrong of ["0", "-1", "11"]) assert.match(problem(`1,1,1,${wrong}`), /is no sigma/);
  assert.equal(problem("0.1,0.1,0.1,0.1"), "");
  assert.equal(problem("", 17), "");
  assert.equal(problem("0.1,0.1", null), "");
  assert.match(problem(Array(257).fill(1).join(), null), /257 sigmas are too many: at most 256/);
});

test("points are counted whatever their form", () => {
  const of = (keypoints) => pointsOf([{ keypoints: null }, { keypoints }]);
  assert.equal(of([1, 1, 2, 9, 1, 2]), 2);
  assert.equal(of([1, 1, 9, 1]), 2);
  assert.equal(of([1, 1, 0.9, 9, 1, 0.4]), 2);
  assert.equal(of([10, 20, 30, 20, 10, 40, 30, 40, 50, 20, 50, 40]), 6);
  assert.equal(
    of([
      [1, 1],
      [9, 1],
      [3, 3],
    ]),
    3,
  );
  assert.equal(pointsOf([{ keypoints: null }]), null);
});

test("an evaluation is that of the chosen sigmas, or of none, and of everything", () => {
  const params = { sigmas: [0.1, 0.2], iou_thresholds: Array(10).fill(0.5) };
  const one = { iou_type: "keypoints", is_default: false, params };
  assert.ok(isOfAll(one, "keypoints", "0.1,0.20"));
  assert.ok(!isOfAll(one, "keypoints", "0.1,0.3"));
  assert.ok(!isOfAll(one, "keypoints", null));
  assert.ok(!isOfAll({ ...one, params: { ...params, split: "val" } }, "keypoints", "0.1,0.2"));
  assert.ok(!isOfAll(one, "bbox", null));
  assert.ok(isOfAll({ ...one, iou_type: "bbox", is_default: true }, "bbox", null));
});

test("a leaderboard knows numbers of other sigmas", () => {
  const state = { kind: "keypoints", metric: "AP", sigmas: "0.1,0.20" };
  assert.equal(isOfOtherSigmas(state, { sigmas: [0.1, 0.2] }), false);
  assert.equal(isOfOtherSigmas(state, { sigmas: [0.1, 0.3] }), true);
  assert.equal(isOfOtherSigmas(state, null), false);
  assert.equal(isOfOtherSigmas({ ...state, kind: "bbox" }, { sigmas: null }), false);
});
