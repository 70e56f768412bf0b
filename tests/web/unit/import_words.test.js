/** What an import says. */
import assert from "node:assert/strict";
import test from "node:test";

import {
  progressWords,
  remedies,
  takenSentence,
  targetOf,
} from "../../../web/views/import/words.js";

const plain = (text) => text.replaceAll("\u2009", "_");

test("whether rows were lost is one sentence", () => {
  const say = (taken, skipped, isDryRun = false) =>
    plain(takenSentence({ taken, skipped, noun: "row", isDryRun }));
  assert.equal(say(1200, 0), "All 1_200 rows were taken.");
  assert.equal(say(1196, 4), "1_196 of 1_200 rows were taken, 4 skipped.");
  assert.equal(say(1, 0), "The row was taken.");
  assert.equal(say(0, 0), "The file has no rows.");
  assert.equal(say(2, 1, true), "2 of 3 rows would be taken, 1 skipped.");
});

test("a hint becomes buttons that do what it says, and other sentences none", () => {
  const options = (text) => remedies(text).map((one) => one.options);
  assert.deepEqual(options("category_offset=-1 would make all unknown categories known"), [
    { category_offset: "-1" },
  ]);
  assert.deepEqual(options("match=name matches by name, match=id takes the ids as they are"), [
    { match: "name" },
    { match: "id" },
  ]);
  assert.deepEqual(options("bbox looks like corners [x1, y1, x2, y2]"), []);
});

test("progress tells bytes, then rows and their speed", () => {
  const upload = { state: "sending", size: 500_000_000, sent: 20_500_000, kind: "run" };
  assert.equal(plain(progressWords(upload)), "20.5_MB of 500_MB sent");
  Object.assign(upload, { rows: 230_000, rate: 85_000.4, phase: "copy" });
  assert.equal(
    plain(progressWords(upload)),
    "20.5_MB of 500_MB sent · 230_000 rows · 85_000 rows/s",
  );
  Object.assign(upload, { state: "working", phase: "index" });
  assert.equal(plain(progressWords(upload)), "all 500_MB sent · building the index · 230_000 rows");
});

test("what a file becomes has a name, and none while nobody knows it", () => {
  const upload = { kind: "run", dataset: "street", run: "yolov8" };
  assert.equal(targetOf(upload), "run yolov8 of street");
  assert.equal(targetOf({ ...upload, kind: "add" }), "second file of street");
  assert.equal(targetOf({ ...upload, dataset: "" }), "");
});
