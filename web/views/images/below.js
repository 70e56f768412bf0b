/** What stands in the place of the grid where there is no image, or something did not work. */
import { addressOf } from "../../lib/address.js";
import { fill, h } from "../../lib/dom.js";
import { empty, problemBox } from "../../parts/states.js";

/**
 * @param {object} options
 * @param {string} options.dataset
 * @param {() => string[]} options.known  the runs that there are
 * @param {() => void} options.again  asks for what failed
 */
export function createBelow({ dataset, known, again }) {
  const element = h("div", { class: "images-state" });
  return {
    element,
    clear: () => void fill(element),
    /** The first problem stays until it is over. */
    get hasProblem() {
      return element.querySelector(".problem") !== null;
    },
    /** @param {unknown} error */
    showProblem(error) {
      if (!this.hasProblem) fill(element, problemBox(error, { again, runs: known() }));
    },
    showNone: () => void fill(element, empty("No images", "The dataset has none.")),
    /** @param {string[]} runs  those that are drawn */
    showNoneFound(runs) {
      const run = runs.filter((name) => known().includes(name));
      const link = h("a", { href: addressOf("images", dataset, { run }) }, "Take all filters away");
      fill(element, empty("No image is like that", link));
    },
  };
}
