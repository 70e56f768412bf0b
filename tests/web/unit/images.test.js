/** What the images view asks the service for, by its address. */
import assert from "node:assert/strict";
import test from "node:test";

import {
  choiceFilters,
  emphasisOf,
  isWhole,
  lacksOutcomes,
  listLacksOutcomes,
  listRequest,
  sourcesOf,
  stateOf,
} from "../../../web/views/images/state.js";
import { amountChips } from "../../../web/views/images/amounts.js";

globalThis.innerWidth = 1280;

const source = (name, outcomes = null) => ({ source: name, row_count: 1, outcomes });
const facets = { sources: [source("ground_truth"), source("a", { bbox: "now" }), source("b")] };
const state = (query) => stateOf(new URLSearchParams(query), facets);
const asked = (query) => {
  const { path, query: parameters } = listRequest("d", state(query));
  const given = Object.entries(parameters).filter(([, value]) => value);
  return [path, Object.fromEntries(given)];
};

test("without filters any place of the list can be asked for", () => {
  assert.ok(isWhole(state("run=a&confidence=0.7&image=3&color=outcome")));
  for (const query of ["split=val", "sort=-id", "truth=1&predicted=2", "min_confidence=0.5"]) {
    assert.ok(!isWhole(state(query)), query);
  }
});

test("filters of scores and outcomes are about the first run, unless they name another", () => {
  assert.deepEqual(asked("run=b,a&outcome=missed"), [
    "/datasets/d/images",
    { outcome: "missed", source: "b" },
  ]);
  assert.deepEqual(asked("run=b&source=a&min_confidence=0.5")[1], {
    min_confidence: "0.5",
    source: "a",
  });
  assert.deepEqual(asked("run=a&category=cat")[1], { category: "cat" });
  assert.deepEqual(asked("run=a&sort=-errors&iou_type=segm")[1], {
    sort: "-errors",
    run: "a",
    iou_type: "segm",
  });
});

test("numbers and sizes are said in words", () => {
  const said = (filters) => amountChips(filters).map(([words]) => words);
  assert.deepEqual(said({ min_count: "3" }), ["number: from 3"]);
  assert.deepEqual(said({ max_count: "3000" }), ["number: up to 3\u2009000"]);
  assert.deepEqual(said({ min_count: "0", max_count: "0" }), ["number: none"]);
  assert.deepEqual(said({ min_count: "2", max_count: "2" }), ["number: 2"]);
  assert.deepEqual(said({ min_count: "2", max_count: "4" }), ["number: 2–4"]);
  assert.deepEqual(said({ below_area: "1024" }), ["size: small (< 32²)"]);
  assert.deepEqual(said({ min_area: "256", below_area: "1024" }), ["size: side 16–32 px"]);
  assert.deepEqual(said({ min_area: "65536" }), ["size: side from 256 px"]);
});

test("an order by errors changes no filter", () => {
  assert.deepEqual(asked("run=a&sort=errors&max_count=0")[1], {
    sort: "errors",
    run: "a",
    max_count: "0",
  });
  assert.deepEqual(choiceFilters(state("run=a&sort=errors&max_count=0&split=val")), {
    max_count: "0",
    split: "val",
  });
});

test("a cell of the matrix keeps the score of its link", () => {
  assert.deepEqual(asked("run=a&truth=cat&predicted=dog&confidence=0.4"), [
    "/datasets/d/runs/a/errors/images",
    { truth: "cat", predicted: "dog", min_confidence: "0.4" },
  ]);
  const moved = "run=a&truth=cat&confidence=0.9&min_confidence=0.4";
  assert.deepEqual(asked(moved)[1], {
    truth: "cat",
    predicted: "background",
    min_confidence: "0.4",
  });
});

test("a run without outcomes is named where they are needed", () => {
  assert.equal(lacksOutcomes(state("run=a&outcome=missed"), facets), null);
  assert.equal(lacksOutcomes(state("run=b&outcome=missed"), facets), "b");
  assert.equal(lacksOutcomes(state("run=a&sort=-errors&iou_type=segm"), facets), "a");
  assert.equal(lacksOutcomes(state("run=a,b&color=outcome"), facets), "b");
  assert.ok(!listLacksOutcomes(state("run=a,b&color=outcome"), facets));
  assert.equal(lacksOutcomes(state("run=b"), facets), null);
});

test("what makes no sense in an address is left out", () => {
  const read = state("run=&color=red&show=x&confidence=x&line=99&hide=%25,a%252Cb&side=1");
  assert.deepEqual(read.runs, ["a"]);
  assert.deepEqual([read.color, read.show, read.confidence, read.line], ["class", "both", 0.25, 6]);
  assert.deepEqual(read.hidden, new Set(["%", "a,b"]));
  assert.equal(read.side, false);
  assert.deepEqual(sourcesOf(state("show=truth&run=a")), ["ground_truth"]);
});

test("rows that a list is about are those that satisfy all its filters", () => {
  const row = (more) => ({
    source: "a",
    category: "cat",
    category_id: 1,
    confidence: 0.5,
    ...more,
  });
  const rows = [
    row({ outcome: "duplicate" }),
    row({ outcome: "duplicate", category: "dog", category_id: 2 }),
    row({ outcome: "background" }),
    row({ outcome: "duplicate", source: "b" }),
  ];
  const about = (query) => {
    const is = emphasisOf(state(query));
    return is && rows.map((one) => is(one, rows));
  };
  assert.equal(about("run=a&category=cat"), null);
  assert.deepEqual(about("run=a&outcome=duplicate"), [true, true, false, false]);
  assert.deepEqual(about("run=a&outcome=duplicate&category=1"), [true, false, false, false]);
  assert.deepEqual(about("run=a&truth=cat&predicted=dog"), [false, true, false, false]);
  const sized = (/** @type {string} */ query) => {
    const is = emphasisOf(state(query));
    return [row({ area: 99, bbox: [0, 0, 5, 5] }), row({ bbox: [0, 0, 10, 10] })].map((one) =>
      is(one, rows),
    );
  };
  assert.deepEqual(sized("run=a&source=a&min_area=100"), [false, true]);
  assert.deepEqual(sized("run=a&source=a&below_area=100"), [true, false]);
  assert.deepEqual(sized("run=a&below_area=100"), [false, false]); // of the ground truth
});
