/** COCO's numbers as tiles, what the evaluation doubts, and what to fix first. */
import { fill, h } from "../../lib/dom.js";
import { counted, metric, when } from "../../lib/format.js";
import { metricSentence } from "../../lib/metrics.js";
import { card, tile } from "../../parts/card.js";
import { empty } from "../../parts/states.js";
import { advise } from "./advice.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 */

/** @param {Evaluation} document */
function warningBox(document) {
  if (!document.warnings.length) return null;
  return h(
    "div",
    { class: "notice", role: "note" },
    h("strong", null, "Doubts"),
    h(
      "ul",
      null,
      document.warnings.map((one) => h("li", null, one.message)),
    ),
  );
}

/** @param {Evaluation["interval"] | undefined} interval */
function intervalText(interval) {
  return interval ? `95 % interval ${metric(interval.low)} – ${metric(interval.high)}` : "";
}

/**
 * @param {State} state
 * @param {Evaluation} document
 */
export function numbers(state, document) {
  // The place of the interval is kept: it comes later.
  const interval = h("span", { class: "stat-interval" }, "\u00a0");
  const shown = Object.entries(document.metrics ?? {});
  const tiles = shown.map(([name, value]) =>
    tile(name, metric(value), metricSentence(name, state.iouType), name === "AP" ? interval : null),
  );
  const element = card(
    { id: "numbers", title: "COCO's numbers" },
    h(
      "p",
      { class: "soft" },
      `${counted(document.images, "image")}, ${counted(document.truths, "object")}, `,
      `${counted(document.detections, "detection")}; evaluated ${when(document.evaluated_at)}. `,
      "All from 0 to 1, the more the better; – where nothing counts.",
    ),
    h("dl", { class: "stats" }, tiles),
  );
  /** @param {Evaluation["interval"] | undefined} value */
  function setInterval(value) {
    fill(interval, intervalText(value) || "\u00a0");
    interval.title = "How much AP depends on the images: from 1,000 resamples of them";
  }
  if (document.interval) setInterval(document.interval);
  return { element, warnings: warningBox(document), setInterval };
}

/** @param {import("./advice.js").Advice} one */
function adviceItem(one) {
  return h(
    "li",
    { dataset: { code: one.code } },
    h("div", null, h("h3", { title: one.names ?? null }, one.title), h("p", null, one.text)),
    h("a", { class: "button", href: one.href }, one.does),
  );
}

/**
 * Suspected errors of the ground truth.
 * @param {number} number
 * @param {boolean} hasMore
 * @returns {import("./advice.js").Advice}
 */
function labelAdvice(number, hasMore) {
  return {
    code: "labels",
    title: "Labels to look at",
    text:
      `${hasMore ? "More than " : ""}${counted(number, "sure detection")} not ` +
      "in the ground truth. Where they are right, the labels are wrong.",
    cost: 0,
    href: "#labels",
    does: "See them",
  };
}

/**
 * @param {State} state
 * @param {Evaluation} document
 * @param {(changes: Partial<State>) => string} here
 */
export function whatToFix(state, document, here) {
  let now = { state, document };
  let labels = /** @type {import("./advice.js").Advice | null} */ (null);
  const box = h("div");
  const element = card({ id: "fix", title: "What to fix first" }, box);
  function draw() {
    const advice = advise(now.state, now.document, here);
    if (labels) advice.push(labels);
    fill(
      box,
      advice.length
        ? h("ol", { class: "advice" }, advice.map(adviceItem))
        : empty("Nothing stands out", "No kind of error costs much, and no class falls behind."),
    );
  }
  draw();
  return {
    element,
    /**
     * @param {number} number
     * @param {boolean} hasMore
     */
    setLabelErrors(number, hasMore) {
      if (!number) return;
      labels = labelAdvice(number, hasMore);
      // What stands there stays: somebody may be about to press it.
      const list = box.querySelector("ol");
      if (list) list.append(adviceItem(labels));
      else draw();
    },
    /**
     * @param {State} nextState
     * @param {Evaluation} nextDocument
     */
    update(nextState, nextDocument) {
      now = { state: nextState, document: nextDocument };
      draw();
    },
  };
}
