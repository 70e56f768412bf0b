/**
 * What is drawn on an image as a list: for the keyboard, for screen readers, and to find an object
 * among many. A row stands out on the picture while it is pointed at, and stays so when chosen.
 *
 * @typedef {import("./rows.js").Annotation} Annotation
 */
import { fill, h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";
import { OUTCOME_WORDS, outcomeName } from "../../lib/outcomes.js";
import { isTruth, outcomeOf, partnersOf } from "../../viewer/geometry.js";
import { labelOf } from "../../viewer/look.js";

/** Rows that are listed before somebody asks for more. */
const FIRST = 200;

/** @param {Annotation} row */
export function sourceName(row) {
  return isTruth(row) ? "ground truth" : row.source;
}

/**
 * What became of a row, in a few words.
 * @param {Annotation} row
 * @param {Annotation[]} rows
 * @param {string | undefined} run
 */
function outcomeText(row, rows, run) {
  const outcome = outcomeOf(row, rows, run);
  if (!outcome) return "";
  const hit = partnersOf(row, rows).find((one) => one.source === run);
  const iou = isTruth(row) ? hit?.iou : row.iou;
  const overlap = typeof iou === "number" && iou > 0 ? `, IoU ${iou.toFixed(2)}` : "";
  const name =
    outcome === "true_positive" ? (isTruth(row) ? "found" : "right") : outcomeName(outcome);
  return name + overlap;
}

/**
 * The same for each run that is drawn, because a ground truth has an outcome in each.
 * @param {Annotation} row
 * @param {Annotation[]} rows
 * @param {string[]} runs
 */
export function outcomesText(row, rows, runs) {
  if (!isTruth(row) || runs.length < 2) return outcomeText(row, rows, runs[0]);
  const truth = { ...row, outcome: null };
  return runs
    .map((run) => [run, outcomeText(truth, rows, run)])
    .flatMap(([run, text]) => (text ? [`${run}: ${text}`] : []))
    .join("; ");
}

/**
 * @param {object} options
 * @param {(row: Annotation | null) => void} options.onpoint
 * @param {(row: Annotation) => void} options.onpick
 * @param {(row: Annotation) => void} options.onshow  zooms to it
 */
export function createObjects({ onpoint, onpick, onshow }) {
  const list = h("ul", { class: "objects" });
  const head = h("h3", null);
  const element = h(
    "section",
    { class: "objects-part", "aria-label": "Objects of the image" },
    head,
    list,
  );
  const buttons = new Map(/** @type {[Annotation, HTMLButtonElement][]} */ ([]));
  let limit = FIRST;

  return {
    element,
    /**
     * @param {object} what
     * @param {Annotation[]} what.drawn
     * @param {Annotation[]} what.rows  all of the image
     * @param {string[]} what.runs
     * @param {(row: Annotation) => string} what.color
     * @param {Annotation | null} what.pinned
     * @param {boolean} what.isCut  the image has more rows than are read
     */
    show({ drawn, rows, runs, color, pinned, isCut }) {
      const hidden = rows.length - drawn.length;
      head.textContent =
        counted(drawn.length, "object") +
        (hidden ? `, ${count(hidden)} not drawn` : "") +
        (isCut ? "; the image has more, which are not read" : "");
      const order = ["ground_truth", ...runs];
      const sorted = [...drawn].sort(
        (a, b) =>
          order.indexOf(a.source) - order.indexOf(b.source) ||
          (b.confidence ?? 0) - (a.confidence ?? 0) ||
          a.annotation_id - b.annotation_id,
      );
      buttons.clear();
      const items = sorted.slice(0, limit).map((row) => {
        const button = h(
          "button",
          {
            "aria-pressed": String(row === pinned),
            onclick: () => onpick(row),
            ondblclick: () => onshow(row),
            onmouseenter: () => onpoint(row),
            onmouseleave: () => onpoint(null),
            onfocus: () => onpoint(row),
            onblur: () => onpoint(null),
          },
          h("span", { class: "swatch", style: { background: color(row) } }),
          h("span", { class: "object-name" }, labelOf(row) + (row.is_crowd ? " (crowd)" : "")),
          h(
            "small",
            null,
            [sourceName(row), outcomesText(row, rows, runs)].filter(Boolean).join(" · "),
          ),
        );
        buttons.set(row, button);
        return h("li", null, button);
      });
      const more = sorted.length - items.length;
      fill(
        list,
        items,
        more > 0 &&
          h(
            "li",
            null,
            h(
              "button",
              {
                class: "link",
                onclick: () => {
                  limit += 1000;
                  this.show({ drawn, rows, runs, color, pinned, isCut });
                },
              },
              `${count(more)} more`,
            ),
          ),
      );
    },
    /** @param {Annotation | null} pinned */
    mark(pinned) {
      for (const [row, button] of buttons) {
        button.setAttribute("aria-pressed", String(row === pinned));
        if (row === pinned) button.scrollIntoView({ block: "nearest" });
      }
    },
    reset() {
      limit = FIRST;
    },
  };
}

/** @param {Annotation} row */
const lineOf = (row) => `${labelOf(row)} of ${isTruth(row) ? "the ground truth" : row.source}`;

/**
 * What became of a row, and what it was matched with.
 * @param {Annotation} row
 * @param {Annotation[]} rows
 * @param {string | undefined} run
 * @param {boolean} isOne  of several runs: its name is said
 */
function matchLines(row, rows, run, isOne) {
  const outcome = outcomeOf(row, rows, run);
  const partners = partnersOf(row, rows);
  const pairs = partners.map((one) => {
    const iou = isTruth(row) ? one.iou : row.iou;
    const overlap = typeof iou === "number" ? `IoU ${iou.toFixed(3)}` : "no overlap told";
    return h("li", null, h("b", null, overlap), ` with ${lineOf(one)}`);
  });
  return [
    isOne && h("h4", null, `in ${run}`),
    outcome &&
      h("p", null, h("b", null, outcomeName(outcome)), `: ${OUTCOME_WORDS[outcome] ?? ""}`),
    pairs.length ? h("ul", null, pairs) : h("p", { class: "soft" }, unmatchedText(row, outcome)),
  ];
}

/**
 * A pinned row, and its matches: in each of two runs that are side by side, if it is in both.
 * @param {Annotation} row
 * @param {{row: Annotation, rows: Annotation[], run: string | undefined}[]} twins
 * @param {() => void} onclose
 */
export function pinnedCard(row, twins, onclose) {
  const [x, y, width, height] = row.bbox.map((n) => Number(n).toFixed(1).replace(/\.0$/, ""));
  return h(
    "section",
    { class: "pinned", "aria-label": "Chosen object", role: "status" },
    h(
      "div",
      { class: "pinned-head" },
      h("h3", null, lineOf(row)),
      h("button", { class: "icon", "aria-label": "Let go of it", onclick: onclose }, "×"),
    ),
    twins.map((twin) => matchLines(twin.row, twin.rows, twin.run, twins.length > 1)).flat(),
    h("p", { class: "soft" }, `box ${x}, ${y}, ${width} × ${height}; id ${row.annotation_id}`),
  );
}

/**
 * @param {Annotation} row
 * @param {string | null | undefined} outcome
 */
function unmatchedText(row, outcome) {
  if (!outcome) return "Not compared with the ground truth yet.";
  return isTruth(row) ? "No detection is matched with it." : "No object is matched with it.";
}
