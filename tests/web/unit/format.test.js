/** Numbers as people read them. */
import assert from "node:assert/strict";
import test from "node:test";

import { classColor } from "../../../web/lib/color.js";
import {
  bytes,
  count,
  counted,
  difference,
  duration,
  metric,
  placeInFile,
  tickDigits,
} from "../../../web/lib/format.js";

const plain = (text) => text.replaceAll("\u2009", "_");

test("counts have thin separators", () => {
  const wanted = { 0: "0", 999: "999", 1000: "1_000", 1234567: "1_234_567" };
  for (const [number, text] of Object.entries(wanted)) {
    assert.equal(plain(count(Number(number))), text);
  }
  assert.equal(counted(1, "image"), "1 image");
  assert.equal(plain(counted(2000, "class", "classes")), "2_000 classes");
});

test("what COCO does not define is a dash", () => {
  assert.equal(metric(-1), "–");
  assert.equal(metric(null), "–");
  assert.equal(metric(0.12349), "0.123");
});

test("differences have a sign, but for none", () => {
  assert.equal(difference(0.0126), "+0.013");
  assert.equal(difference(-0.0126), "−0.013");
  assert.equal(difference(-0.0001), "0.000");
});

test("sizes and times have units", () => {
  assert.equal(plain(bytes(512)), "512_B");
  assert.equal(plain(bytes(20_500_000)), "20.5_MB");
  assert.equal(plain(bytes(205_000_000)), "205_MB");
  assert.equal(plain(duration(17)), "17_ms");
  assert.equal(plain(duration(3_725_000)), "1_h 2_min");
});

test("a class has its colour wherever it is", () => {
  assert.equal(classColor("person"), classColor("person"));
  const colors = new Set(["person", "car", "bicycle", "dog", "cat"].map(classColor));
  assert.equal(colors.size, 5);
});

test("ticks have as many digits as tell them apart", () => {
  assert.equal(tickDigits([0, 1]), 2);
  assert.equal(tickDigits([0.289, 0.295, null, undefined]), 3);
  assert.equal(tickDigits([-0.001, 0.001]), 4);
  assert.equal(tickDigits([]), 2);
  assert.equal(tickDigits([0.5, 0.5]), 2);
});

test("a place in a file counts from 1", () => {
  assert.equal(placeInFile({ index: 0, line: 9, column: 3 }), "row 1, line 9, column 3");
  assert.equal(placeInFile({}), "");
});
