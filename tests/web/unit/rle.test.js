/** Masks as run lengths: COCO's text, lists of counts, and what is made of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { decodeCounts, MOST_RUNS, outlineOf, rleOf, runsOf } from "../../../web/viewer/rle.js";

/** The pixels of a mask. */
const areaOf = (runs) => runs.reduce((sum, { top, bottom }) => sum + bottom - top, 0);

const demo = (name) =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/demo/${name}.json`, import.meta.url), "utf8"));

/** Writes counts as pycocotools' rleToString does. */
function encodeCounts(counts) {
  let text = "";
  counts.forEach((count, i) => {
    let value = i > 2 ? count - counts[i - 2] : count;
    for (let more = true; more;) {
      let bits = value & 31;
      value >>= 5;
      more = bits & 16 ? value !== -1 : value !== 0;
      if (more) bits |= 32;
      text += String.fromCharCode(bits + 48);
    }
  });
  return text;
}

test("the text of a mask is its counts", () => {
  for (const counts of [
    [0, 12],
    [6, 1, 40, 4, 5, 4, 5, 4, 21],
    [271902, 20, 456, 26, 450, 31, 449, 31, 450, 29, 1, 1, 1, 30961],
    [5, 3, 70000, 1, 2, 99999, 0, 16, 15, 17, 31, 32, 33],
  ]) {
    assert.deepEqual(decodeCounts(encodeCounts(counts)), counts);
  }
  assert.deepEqual(decodeCounts("61X13mN000`0"), [6, 1, 40, 4, 5, 4, 5, 4, 21]);
});

test("a mask that would take all the memory has no pieces", () => {
  const wide = (width) => runsOf({ width, height: 1, counts: [0, width] }).length;
  assert.equal(wide(MOST_RUNS), MOST_RUNS);
  assert.equal(wide(2 ** 31), 0);
});

test("a text that is cut off, or none, does not hang", () => {
  assert.deepEqual(decodeCounts(""), []);
  assert.equal(decodeCounts("o").length, 1);
});

test("the compressed masks of a run fill their images, and lie in their boxes", () => {
  const rows = demo("improved").filter(({ segmentation }) => segmentation?.counts);
  assert.ok(rows.length > 10);
  for (const { segmentation, bbox } of rows) {
    const rle = rleOf(segmentation);
    assert.equal(
      rle.counts.reduce((a, b) => a + b),
      rle.width * rle.height,
    );
    const runs = runsOf(rle);
    assert.ok(areaOf(runs) > 0);
    const [left, right] = [Math.min(...runs.map(({ x }) => x)), runs[runs.length - 1].x + 1];
    assert.ok(right - left <= rle.width && Math.abs(left - bbox[0]) < 40);
  }
});

test("a mask of the ground truth has the area that its file says", () => {
  const crowds = demo("train").annotations.filter(({ iscrowd }) => iscrowd);
  assert.ok(crowds.length > 0);
  for (const { segmentation, area } of crowds) {
    assert.equal(areaOf(runsOf(rleOf(segmentation))), area);
  }
});

test("runs go down each column, and on in the next one", () => {
  const rle = { width: 3, height: 4, counts: [3, 2, 2, 1] };
  assert.deepEqual(runsOf(rle), [
    { x: 0, top: 3, bottom: 4 },
    { x: 1, top: 0, bottom: 1 },
    { x: 1, top: 3, bottom: 4 },
  ]);
  assert.deepEqual(runsOf({ width: 1, height: 3, counts: [0, 1, 0, 1, 0, 9] }), [
    { x: 0, top: 0, bottom: 3 },
  ]);
});

test("the outline of a square is as long as its sides", () => {
  const runs = [2, 3, 4].map((x) => ({ x, top: 5, bottom: 8 }));
  const length = outlineOf(runs)
    .map(([x1, y1, x2, y2]) => Math.abs(x1 - x2) + Math.abs(y1 - y2))
    .reduce((a, b) => a + b);
  assert.equal(length, 12);
});

test("what is no mask is none", () => {
  for (const value of [null, undefined, [], [[1, 2, 3, 4, 5, 6]], {}, { size: [1], counts: "" }]) {
    assert.equal(rleOf(value), null);
  }
  assert.equal(rleOf({ size: [0, 4], counts: [] }), null);
});
