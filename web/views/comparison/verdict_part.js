/** The verdict: one sentence, what it rests on, and how it is told. */
import { fill, h } from "../../lib/dom.js";
import { evaluationAddress, sideAddress } from "./addresses.js";
import { countsText, UNMEASURED, verdictOf } from "./verdict.js";

/** @type {Record<import("./verdict.js").Kind, string>} */
const SIGNS = { better: "▲", worse: "▼", unclear: "≈", equal: "=", none: "–", unmeasured: "–" };
const ASKED = "Is B really better, or was it lucky with these images?";

function howItIsTold() {
  return h(
    "details",
    { class: "versus-how" },
    h("summary", null, "How this is told"),
    h(
      "p",
      null,
      "A run that is better on these images may have been lucky with them. So the images are " +
        "drawn again and again at random, some of them several times and some not at all, and " +
        "both runs are measured on each draw. In 95 of 100 draws the difference lies in the " +
        "interval. If the whole interval is above 0, B is better; if it is below, worse; else " +
        "nobody can tell.",
    ),
    h(
      "p",
      null,
      "This is about the choice of images. Two trainings of the same model differ, too: if you " +
        "changed how a model is trained, train each twice before you trust a small difference.",
    ),
  );
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @returns {import("./parts.js").Part}
 */
export function verdictPart(page) {
  const element = h("section", { class: "card versus-verdict", "aria-label": "Verdict" });
  const counts = h("p");
  const title = h("p", { class: "versus-title" });
  /** What stands there while the verdict is made, or why it is not. */
  const rest = h("div");

  /** @type {NonNullable<import("./parts.js").Part["whole"]>} */
  function draw(document, state) {
    const verdict = verdictOf(document);
    element.dataset.kind = verdict.kind;
    fill(title, verdict.title);
    fill(rest);
    fill(
      element,
      h("div", { class: "versus-sign", "aria-hidden": "true" }, SIGNS[verdict.kind]),
      h(
        "div",
        { class: "versus-words" },
        title,
        verdict.numbers && h("p", { class: "versus-numbers" }, verdict.numbers),
        h("p", null, verdict.plain.join(" ")),
        counts,
        rest,
        verdict.doubts.map((doubt) => h("p", { class: "notice" }, doubt)),
        h(
          "p",
          { class: "versus-links" },
          h("a", { href: sideAddress(page.dataset, state) }, "See the images side by side"),
          [state.a, state.b].map((run) =>
            h("a", { href: evaluationAddress(page.dataset, state, run) }, `Evaluation of ${run}`),
          ),
        ),
        howItIsTold(),
      ),
    );
  }

  return {
    element,
    live(document) {
      fill(counts, countsText(document));
    },
    whole: draw,
    sure: draw,
    measuring(box) {
      fill(title, ASKED);
      fill(rest, box);
    },
    unsure(...words) {
      fill(title, UNMEASURED);
      fill(rest, h("p", { class: "notice" }, ...words));
    },
  };
}
