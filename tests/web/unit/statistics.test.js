/** What the view of statistics makes of its documents. */
import assert from "node:assert/strict";
import test from "node:test";

import { groupsOf } from "../../../web/views/statistics/charts.js";
import { chosenRows, classRows } from "../../../web/views/statistics/classes.js";
import { stateOf } from "../../../web/views/statistics/load.js";

test("histograms lose the empty bins at both ends, and stay side by side", () => {
  const bins = (...counts) => counts.map((count, i) => ({ low: i, high: i + 1, count }));
  const groups = groupsOf([bins(0, 2, 0, 1, 0), null, bins(0, 0, 5, 0, 0)], (low) => `${low}`);
  assert.deepEqual(
    groups.map((group) => [group.label, group.values]),
    [
      ["1", [2, null, 0]],
      ["2", [0, null, 5]],
      ["3", [1, null, 0]],
    ],
  );
  assert.deepEqual(groupsOf([bins(0, 0)], String), []);
  assert.deepEqual(groupsOf([null], String), []);
});

const loaded = {
  base: {
    class_distribution: [
      { category_id: 1, category_name: "Kite", gt_count: 9 },
      { category_id: 2, category_name: "kite 10", gt_count: 2 },
      { category_id: 3, category_name: null, gt_count: 5 },
    ],
  },
  runs: [{ run_name: "r", class_counts: { 1: 4, 3: 50 } }],
};

test("a class that a run never detects has 0 there", () => {
  assert.deepEqual(
    classRows(loaded).map((row) => [row.name, row.counts]),
    [
      ["Kite", [9, 4]],
      ["kite 10", [2, 0]],
      ["class 3", [5, 50]],
    ],
  );
});

test("classes are found by a part of their name, and come in the order asked for", () => {
  const ids = (search, order) => chosenRows(classRows(loaded), search, order).map((row) => row.id);
  assert.deepEqual(ids("", "most"), [1, 3, 2]);
  assert.deepEqual(ids("", "least"), [2, 3, 1]);
  assert.deepEqual(ids("", "excess"), [3, 1, 2]);
  assert.deepEqual(ids(" KITE ", "name"), [1, 2]);
  assert.deepEqual(ids("dog", "most"), []);
});

test("without a choice the first runs are shown; none is a choice, too", () => {
  const known = ["a", "b", "c", "d"];
  const runs = (query) => stateOf("d", new URLSearchParams(query), known).runs;
  assert.deepEqual(runs(""), ["a", "b", "c"]);
  assert.deepEqual(runs("run=d"), ["d"]);
  assert.deepEqual(runs("only=truth"), []);
  assert.equal(runs(`run=${"abcdefgh".split("")}`).length, 6);
});
