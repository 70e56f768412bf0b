/** Names that files suggest. */
import assert from "node:assert/strict";
import test from "node:test";

import {
  commonDataset,
  cutName,
  datasetFromFile,
  nameFromFile,
  nameProblem,
  splitFromFile,
} from "../../../web/lib/names.js";

test("a run is called after its file", () => {
  const wanted = {
    "yolov8.json": "yolov8",
    "yolo v8 (best).JSON.gz": "yolo-v8-best",
    "C:\\runs\\a.b.jsonl": "a.b",
    "<img src=x onerror=alert(1)>.json": "img-src-x-onerror-alert-1",
    "überall.json": "berall",
    "日本.json": "",
    "_x.json": "x",
  };
  for (const [file, name] of Object.entries(wanted)) assert.equal(nameFromFile(file), name, file);
  assert.equal(nameFromFile("a".repeat(80) + ".json").length, 63);
});

test("a dataset is called after what is its own in the name of its file", () => {
  assert.equal(datasetFromFile("instances_val2017.json"), "val2017");
  assert.equal(datasetFromFile("_annotations.coco.json"), "annotations.coco");
  assert.equal(datasetFromFile("instances_2017.json"), "instances_2017");
  assert.equal(datasetFromFile("2017.json"), "");
});

test("a split is read in the name of a file, where it is a word", () => {
  const wanted = {
    "instances_val2017.json": "val",
    "train.json": "train",
    "street-Test.json.gz": "test",
    "valley.json": "",
    "constraint.json": "",
  };
  for (const [file, split] of Object.entries(wanted)) {
    assert.equal(splitFromFile(file), split, file);
  }
});

test("what is wrong with a name is said", () => {
  assert.equal(nameProblem("yolo_v8.1-x", "run"), "");
  for (const name of ["", ".a", "a b", "a/b", "<img>", "a".repeat(64)]) {
    assert.match(nameProblem(name, "run"), /letters, digits/, name);
  }
  assert.match(nameProblem("ground_truth", "run"), /ground_truth/);
  assert.match(nameProblem("12", "dataset"), /not a number/);
  assert.equal(nameProblem("12", "run"), "");
});

test("files of the splits of a dataset have its name in common", () => {
  assert.equal(commonDataset(["street_train.json", "street_val.json"]), "street");
  assert.equal(commonDataset(["instances_train.json", "instances_val.json"]), "");
  assert.equal(commonDataset(["instances_train2017.json", "instances_val2017.json"]), "");
  assert.equal(commonDataset(["street.json", "street.json"]), "");
  assert.equal(commonDataset(["street-train.json", "park-val.json"]), "");
});

test("a name that is too long is cut between letters", () => {
  assert.equal(cutName("dog"), "dog");
  assert.equal(cutName("d".repeat(60)), "d".repeat(60));
  assert.equal(cutName("d".repeat(61)), "d".repeat(59) + "…");
  assert.equal(cutName("🐕🐕🐕🐕", 3), "🐕🐕…");
});
