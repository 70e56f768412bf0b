/** Scales and ticks of charts. */
import assert from "node:assert/strict";
import test from "node:test";

import { linearScale, logScale, niceTicks } from "../../../web/charts/scale.js";

test("ticks are round numbers within the ends", () => {
  assert.deepEqual(niceTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(niceTicks(-0.1, 0.25, 4), [-0.1, 0, 0.1, 0.2]);
  assert.deepEqual(niceTicks(0, 1203, 4), [0, 500, 1000]);
  assert.deepEqual(niceTicks(3, 3), [3]);
});

test("values that rounding alone tells apart have one tick", () => {
  const [low, high] = [0.9999999999999998, 1];
  assert.deepEqual(niceTicks(low, high), [low]);
  assert.deepEqual(niceTicks(1e16, 1e16 + 2), [1e16]);
  assert.ok(Number.isFinite(linearScale([], [0, 100], { low, high }).at(1)));
});

test("an axis holds all its values and begins at 0 or below", () => {
  const scale = linearScale([3, 17, NaN], [0, 100]);
  assert.equal(scale.low, 0);
  assert.equal(scale.high, 20);
  assert.equal(scale.at(0), 0);
  assert.equal(scale.at(20), 100);
  const signed = linearScale([-0.12, 0.2], [0, 100]);
  assert.ok(signed.low <= -0.12 && signed.high >= 0.2);
});

test("an axis ends with a tick, however few there are", () => {
  for (const wanted of [1, 2, 3, 7]) {
    const { ticks, high } = linearScale([463], [0, 100], { wanted });
    assert.equal(ticks.at(-1), high, String(wanted));
  }
});

test("an axis without values, or of equal ones, still has a length", () => {
  for (const values of [[], [0], [0, 0]]) {
    const scale = linearScale(values, [0, 100]);
    assert.ok(Number.isFinite(scale.at(0.5)), String(values));
  }
});

test("ends that are given stay", () => {
  const scale = linearScale([0.3], [100, 0], { low: 0, high: 1 });
  assert.deepEqual([scale.low, scale.high, scale.at(0.25)], [0, 1, 75]);
});

test("a logarithmic axis has 0 at its beginning and powers of 10 as ticks", () => {
  const scale = logScale([1, 40, 4000], [0, 100]);
  assert.deepEqual(scale.ticks, [0, 1, 10, 100, 1000]);
  assert.deepEqual([scale.at(0), scale.at(4000)], [0, 100]);
  assert.ok(scale.at(40) > 30);
});
