/** To come. */
import { h } from "../lib/dom.js";
import { empty } from "../parts/states.js";

/** @param {import("../lib/router.js").Page} page */
export function show(page) {
  page.title("evaluation");
  page.root.append(h("h1", null, "evaluation"), empty("to come"));
}
