/** Parts of a comparison that are computed when a person gets there. */
import { isAbort } from "../../lib/api.js";
import { fill, watchNear } from "../../lib/dom.js";
import { debounced } from "../../lib/newest.js";
import { problemBox } from "../../parts/states.js";

/**
 * @typedef {import("./state.js").State} State
 */

/**
 * Loads once the element is near the window, and anew when something else is wanted there. Gives a
 * function that says what is.
 * @param {object} options
 * @param {import("../../lib/router.js").Page} options.page
 * @param {HTMLElement} options.element
 * @param {HTMLElement} options.box  for problems
 * @param {number} [options.rest]  ms for which what is wanted has to stay the same
 * @param {(state: State) => unknown} options.keyOf  what the numbers depend on
 * @param {(state: State, signal: AbortSignal) => Promise<void>} options.load
 * @returns {(state: State) => void}
 */
export function loadWhenNear({ page, element, box, rest = 0, keyOf, load }) {
  let state = /** @type {State | null} */ (null);
  let loaded = "";
  let isNear = false;
  let stop = new AbortController();
  page.signal.addEventListener("abort", () => stop.abort());
  const soon = debounced(rest, page.signal, () => void go());
  watchNear(element, (now) => {
    isNear = now;
    soon(null);
  });

  async function go() {
    if (!state || !isNear) return;
    const key = JSON.stringify(keyOf(state));
    if (key === loaded) return;
    loaded = key;
    stop.abort();
    const { signal } = (stop = new AbortController());
    element.setAttribute("aria-busy", "true");
    try {
      await load(state, signal);
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      loaded = "";
      fill(box, problemBox(error));
    } finally {
      if (!signal.aborted) element.removeAttribute("aria-busy");
    }
  }

  return (next) => {
    state = next;
    soon(null);
  };
}
