/** What a view shows while it loads, when there is nothing, and when something failed. */
import { addressOf, changed, DATASET_VIEWS, listIn, placeOf } from "../lib/address.js";
import { Problem } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { placeInFile } from "../lib/format.js";
import { reload } from "../lib/router.js";
import { isPassing, whenItAnswers } from "./retry.js";

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

/** What an address may ask for that is not there, or not any more. */
const STALE = ["unknown_run", "unknown_slice", "bad_request"];

/**
 * The same view without filters, where an address asks for what is not there. Runs stay, unless it
 * is one of them.
 * @param {Problem} problem
 * @param {string[]} [runs]  those that are there, where that is known
 */
function withoutFilters(problem, runs) {
  const { view, dataset, query } = placeOf(location.href);
  if (!STALE.includes(problem.code) || !DATASET_VIEWS.some((name) => name === view)) return null;
  const isThere = (/** @type {string} */ run) =>
    runs ? runs.includes(run) : problem.code !== "unknown_run";
  const kept = (/** @type {string} */ name) => listIn(query, name).filter(isThere);
  const href = addressOf(view, dataset, { run: kept("run"), with: kept("with") });
  return href === addressOf(view, dataset, changed(query, {}))
    ? null
    : h("a", { class: "button primary", href, dataset: { anew: "" } }, "Take all filters away");
}

/**
 * The way that leads on stands first.
 * @param {Problem | null} problem
 * @param {() => void} again
 * @param {string[]} [runs]
 */
function waysOut(problem, again, runs) {
  const isGone = problem?.code === "unknown_dataset";
  const ways = [
    problem && withoutFilters(problem, runs),
    h("button", { onclick: () => again() }, "Try again"),
    h("a", { class: isGone && "button primary", href: addressOf("datasets") }, "All datasets"),
  ];
  return isGone ? ways.reverse() : ways;
}

/**
 * A problem as a sentence, with its place in the file, and ways out of it. One that may soon be
 * over is tried again without a person, too.
 * @param {unknown} error
 * @param {object} [options]
 * @param {() => void} [options.again]  without it the view is shown anew
 * @param {string[]} [options.runs]  those that the dataset has, where that is known
 */
export function problemBox(error, { again = reload, runs } = {}) {
  const problem = error instanceof Problem ? error : null;
  const words = error instanceof Error ? error.message : String(error);
  const place = problem ? placeInFile(problem.document) : "";
  const title = problem?.status === 404 ? "This does not exist" : "This did not work";
  const isSoonOver = isPassing(error);
  // Some browsers ask for a module only once.
  const byHand = problem?.document.isModule ? () => location.reload() : again;
  const element = h(
    "div",
    { class: "problem", role: "alert" },
    h("h2", null, title),
    h("p", null, words + (place ? ` (${place})` : "")),
    isSoonOver && h("p", { class: "soft" }, "The page tries again by itself."),
    h("p", { class: "problem-ways" }, waysOut(problem, byHand, runs)),
  );
  if (isSoonOver) whenItAnswers(element, again);
  return element;
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
    if (signal.aborted) return;
    const again = () => void showWhenLoaded(into, load, signal, height);
    into.replaceChildren(problemBox(error, { again }));
  } finally {
    into.removeAttribute("aria-busy");
  }
}
