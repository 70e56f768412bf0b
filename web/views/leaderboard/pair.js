/** The two runs that are ticked, and the button that compares them. */
import { addressOf } from "../../lib/address.js";
import { fill, h } from "../../lib/dom.js";
import { overlapQuery } from "../../lib/sigmas.js";
import { pairOf } from "./state.js";

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {import("./state.js").State} state
 * @param {(draw: () => void) => void} onpair  calls it when other runs are ticked
 */
export function pairBar(page, state, onpair) {
  const element = h("div", { class: "board-pair", role: "status" });
  function draw() {
    const pair = pairOf(new URLSearchParams(location.search));
    if (pair.length < 2) {
      const words = pair.length ? `Tick a run to compare ${pair[0]} with.` : "Tick two runs.";
      fill(
        element,
        h("span", { class: "soft" }, words),
        h("button", { disabled: true }, "Compare"),
      );
      return;
    }
    const [a, b] = pair;
    fill(
      element,
      h("span", null, h("strong", null, a), " against ", h("strong", null, b)),
      h(
        "a",
        {
          class: "button primary",
          href: addressOf("comparison", page.dataset, {
            run: a,
            with: b,
            ...overlapQuery(state),
          }),
        },
        "Compare",
      ),
    );
  }
  onpair(draw);
  draw();
  return element;
}
