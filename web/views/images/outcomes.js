/** Where a run was not compared with its ground truth yet: says so, and does it on a button. */
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { kindParameter } from "../../lib/kinds.js";

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
   * @param {string} iouType
   */
  async function make(run, iouType) {
    element.setAttribute("aria-busy", "true");
    fill(element, `Comparing ${run} with the ground truth…`);
    try {
      const query = { iou_type: kindParameter(iouType), limit: 1 };
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
     * @param {string} iouType
     */
    show(run, iouType) {
      const key = run === null ? "" : `${run} ${iouType}`;
      if (key === shown) return;
      shown = key;
      element.hidden = run === null;
      if (run === null) return;
      fill(
        element,
        h("span", null, `What became of each detection of ${run} is not known yet.`),
        h(
          "button",
          { class: "primary", onclick: () => void make(run, iouType) },
          `Compare ${run} with the ground truth`,
        ),
      );
    },
  };
}
