/** An address that leads nowhere. */
import { h } from "../lib/dom.js";
import { empty } from "../parts/states.js";

/** @param {import("../lib/router.js").Page} page */
export function show(page) {
  page.title("Unknown page");
  page.root.append(
    h("h1", null, "Unknown page"),
    empty("There is no such page", h("a", { href: "/web/" }, "Here are the datasets"), "."),
  );
}
