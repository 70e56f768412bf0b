/** Paths of the API are made of names as they are. */
import assert from "node:assert/strict";
import test from "node:test";

import { datasetPath, Problem } from "../../../web/lib/api.js";

test("every part of a path is encoded", () => {
  assert.equal(datasetPath("a b", "images", "x/y?z"), "/datasets/a%20b/images/x%2Fy%3Fz");
  assert.equal(datasetPath("street", "images", 7), "/datasets/street/images/7");
  assert.equal(datasetPath("street", "images", "..."), "/datasets/street/images/...");
});

test("a part that would lead to another path is refused", () => {
  for (const dots of [".", ".."]) {
    assert.throws(() => datasetPath("street", "images", dots), Problem);
    assert.throws(() => datasetPath(dots), Problem);
  }
});
