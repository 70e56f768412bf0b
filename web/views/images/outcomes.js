/** Where a run was not compared with its ground truth yet: says so, and does it on a button. */
import { queryText } from "../../lib/address.js";
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { overlapQuery } from "./state.js";

/** @typedef {Pick<import("./state.js").State, "iouType" | "sigmas">} Overlap */

/**
 * @param {object} options
 * @param {string} options.dataset
 * @param {() => void} options.onmade
 * @param {AbortSignal} options.signal
 */
export function createOutcomesNotice({ dataset, onmade, signal }) {
  const element = h("div", { class: "notice outcomes-notice", hidden: true });
  let shown = "";

  /**
   * @param {string} run
   * @param {Overlap} overlap
   */
  async function make(run, overlap) {
    element.setAttribute("aria-busy", "true");
    fill(element, `Comparing ${run} with the ground truth…`);
    try {
      const query = { ...overlapQuery(overlap), limit: 1 };
      await read(datasetPath(dataset, "runs", run, "errors"), query, signal);
      shown = "";
      element.hidden = true;
      onmade();
    } catch (error) {
      if (isAbort(error)) return;
      fill(element, error instanceof Error ? error.message : String(error));
    } finally {
      element.removeAttribute("aria-busy");
    }
  }

  return {
    element,
    /**
     * @param {string | null} run
     * @param {Overlap} overlap
     */
    show(run, overlap) {
      const key = run === null ? "" : `${run} ${queryText(overlapQuery(overlap))}`;
      if (key === shown) return;
      shown = key;
      element.hidden = run === null;
      if (run === null) return;
      fill(
        element,
        h("span", null, `What became of each detection of ${run} is not known yet.`),
        h(
          "button",
          { class: "primary", onclick: () => void make(run, overlap) },
          `Compare ${run} with the ground truth`,
        ),
      );
    },
  };
}
