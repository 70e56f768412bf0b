/** What a view shows while it loads, when there is nothing, and when something failed. */
import { Problem } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { placeInFile } from "../lib/format.js";
import { reload } from "../lib/router.js";

/**
 * A placeholder of about the size of what comes, so that nothing jumps.
 * @param {string} [height]  CSS
 */
export function loading(height = "12rem") {
  return h(
    "div",
    { class: "loading", role: "status", style: { "min-height": height } },
    h("span", { class: "unseen" }, "loading"),
  );
}

/**
 * @param {string} title
 * @param {...import("../lib/dom.js").Children} words
 */
export function empty(title, ...words) {
  return h("div", { class: "empty" }, h("h2", null, title), h("div", null, ...words));
}

/**
 * A problem as a sentence, with its place in the file.
 * @param {unknown} error
 */
export function problemBox(error) {
  const problem = error instanceof Problem ? error : null;
  const words = error instanceof Error ? error.message : String(error);
  const place = problem ? placeInFile(problem.document) : "";
  const title = problem?.status === 404 ? "This does not exist" : "This did not work";
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("h2", null, title),
    h("p", null, words + (place ? ` (${place})` : "")),
    h(
      "p",
      null,
      h("button", { onclick: reload }, "Try again"),
      " ",
      h("a", { href: "/web/" }, "All datasets"),
    ),
  );
}

/**
 * Runs a loader and shows its states in an element: loading, then what it gives, or the problem.
 * @param {Element} into
 * @param {() => Promise<import("../lib/dom.js").Children>} load
 * @param {AbortSignal} signal
 * @param {string} [height]
 */
export async function showWhenLoaded(into, load, signal, height) {
  if (!into.hasChildNodes()) into.append(loading(height));
  into.setAttribute("aria-busy", "true");
  try {
    const content = await load();
    if (signal.aborted) return;
    fill(into, content);
  } catch (error) {
    if (!signal.aborted) into.replaceChildren(problemBox(error));
  } finally {
    into.removeAttribute("aria-busy");
  }
}
