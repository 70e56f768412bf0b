/**
 * Shows the view that the address names, and follows when the address changes.
 *
 * A view is a module of views/ with `show(page)`, which fills page.root. It may return a function:
 * that is called when only the query has changed, and otherwise the view is shown again.
 *
 * @typedef {import("./address.js").Place} Place
 * @typedef {import("./address.js").QueryValues} QueryValues
 * @typedef {object} Page
 * @property {HTMLElement} root  the view's own element, empty
 * @property {Place} place  where it is; its query changes
 * @property {string} dataset  "" for a view without one
 * @property {AbortSignal} signal  aborts when another view is shown
 * @property {(changes: QueryValues, how?: "push" | "replace") => void} set  changes the query;
 *   "replace" (sliders) makes no entry in the history
 * @property {(title: string) => void} title  the title of the window
 * @typedef {(query: URLSearchParams) => void} Update
 * @typedef {{show: (page: Page) => void | Update | Promise<void | Update>}} View
 * @typedef {object} Frame
 * @property {(place: Place) => HTMLElement} enter  marks the view in the frame; gives an empty root
 * @property {(root: HTMLElement, error: unknown) => void} fail  shows an error in a view's place
 * @property {() => void} refresh  the links of the frame follow the query
 */
import { addressOf, changed } from "./address.js";
import { isAbort, Problem } from "./api.js";

/** @type {Record<string, () => Promise<View>>} */
const views = {
  datasets: () => import("../views/datasets.js"),
  import: () => import("../views/import.js"),
  dataset: () => import("../views/dataset.js"),
  images: () => import("../views/images.js"),
  statistics: () => import("../views/statistics.js"),
  evaluation: () => import("../views/evaluation.js"),
  comparison: () => import("../views/comparison.js"),
  leaderboard: () => import("../views/leaderboard.js"),
  unknown: () => import("../views/unknown.js"),
};

const current = {
  place: /** @type {Place | null} */ (null),
  update: /** @type {Update | null} */ (null),
  stop: new AbortController(),
};
let frame = /** @type {Frame} */ (/** @type {unknown} */ (null));
let placeOf = /** @type {(address: string) => Place} */ (/** @type {unknown} */ (null));

/**
 * @param {Place} a
 * @param {Place | null} b
 */
function isSameView(a, b) {
  return b !== null && a.view === b.view && a.dataset === b.dataset && a.item === b.item;
}

/**
 * The module of a view. Of one that does not come, a browser says nothing a person could use.
 * @param {import("./address.js").ViewName} name
 */
async function moduleOf(name) {
  try {
    return await views[name]();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Problem(0, { title: "the service does not answer; is it running?", isModule: true });
  }
}

/** @param {Place} place */
async function enter(place) {
  current.stop.abort();
  current.stop = new AbortController();
  current.place = place;
  current.update = null;
  const { signal } = current.stop;
  const root = frame.enter(place);
  const page = /** @type {Page} */ ({
    root,
    place,
    dataset: place.dataset ?? "",
    signal,
    set: (changes, how = "push") => {
      if (!signal.aborted) go(addressOfPlace(place, changes), how);
    },
    title: (title) => {
      if (!signal.aborted) document.title = `${title} – pgcoco`;
    },
  });
  try {
    const view = await moduleOf(place.view);
    if (signal.aborted) return;
    const update = await view.show(page);
    if (!signal.aborted && update) current.update = update;
  } catch (error) {
    if (signal.aborted || isAbort(error)) return;
    frame.fail(root, error);
  }
}

/**
 * @param {Place} place
 * @param {QueryValues} changes
 */
function addressOfPlace(place, changes) {
  const query = changed(new URLSearchParams(location.search), changes);
  if (place.item) return location.pathname + (query.size ? `?${query}` : "");
  return addressOf(place.view, place.dataset, query);
}

function follow() {
  const place = placeOf(location.href);
  if (!isSameView(place, current.place) || !current.update) {
    void enter(place);
    return;
  }
  /** @type {Place} */ (current.place).query = place.query;
  frame.refresh();
  current.update(place.query);
}

/**
 * Goes to another address of the page.
 * @param {string} address
 * @param {"push" | "replace"} [how]
 */
export function go(address, how = "push") {
  if (address === location.pathname + location.search) return;
  history[how === "push" ? "pushState" : "replaceState"](null, "", address);
  follow();
}

/** Shows the current view anew, as after something it shows was deleted. */
export function reload() {
  void enter(placeOf(location.href));
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  if (!link || link.hasAttribute("target") || link.hasAttribute("download")) return;
  // A link of a chart, in SVG, has no members with the parts of its address.
  const href = String(link.getAttribute("href"));
  if (href.startsWith("#")) return; // to a place of this view, such as "Skip to the content"
  const url = new URL(href, location.href);
  if (url.origin !== location.origin || !url.pathname.startsWith("/web/")) return;
  event.preventDefault();
  go(url.pathname + url.search);
  // A way out of a problem: the view forgets what it was asked for.
  if (link.hasAttribute("data-anew")) reload();
}

/**
 * @param {Frame} theFrame
 * @param {(address: string) => Place} parse
 */
export function start(theFrame, parse) {
  frame = theFrame;
  placeOf = parse;
  document.addEventListener("click", onClick);
  addEventListener("popstate", follow);
  void enter(placeOf(location.href));
}
