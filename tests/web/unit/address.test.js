/** Addresses lead to views and back. */
import assert from "node:assert/strict";
import test from "node:test";

import { addressOf, changed, listIn, numberIn, placeOf } from "../../../web/lib/address.js";

test("the address of each view leads back to it", () => {
  for (const view of ["datasets", "import"]) {
    assert.equal(placeOf(addressOf(view)).view, view);
  }
  for (const view of ["dataset", "images", "statistics", "evaluation", "comparison"]) {
    const place = placeOf(addressOf(view, "a b/c%", { run: "x", split: "val" }));
    assert.equal(place.view, view);
    assert.equal(place.dataset, "a b/c%");
    assert.equal(place.query.get("run"), "x");
  }
  assert.deepEqual(placeOf("/web/import/abc-1").item, "abc-1");
});

test("what is no view is unknown", () => {
  for (const path of ["/web/nothing", "/web/datasets/a/b", "/web/datasets/a/images/1"]) {
    assert.equal(placeOf(path).view, "unknown", path);
  }
  assert.equal(placeOf("/web/datasets/%/images").dataset, "%");
});

test("a query keeps what does not change, and drops what is empty", () => {
  const query = changed(new URLSearchParams("split=val&run=a"), {
    run: ["b", "c"],
    split: null,
    masks: true,
    labels: false,
    slice: "",
    iou: 0.5,
  });
  assert.equal(query.toString(), "iou=0.5&masks=1&run=b%2Cc");
  assert.deepEqual(listIn(query, "run"), ["b", "c"]);
  assert.deepEqual(listIn(query, "with"), []);
});

test("a number in a query is within its bounds, or the default", () => {
  const number = (text) => numberIn(new URLSearchParams(text), "iou", 0.5);
  assert.equal(number("iou=0.75"), 0.75);
  assert.equal(number("iou=7"), 1);
  assert.equal(number("iou=-7"), 0);
  for (const text of ["", "iou=", "iou=x", "iou=NaN", "iou=Infinity", "iou=+"]) {
    assert.equal(number(text), 0.5, text);
  }
});
