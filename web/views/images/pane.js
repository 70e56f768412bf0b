/** A stage with its rows: all runs that are drawn, or one of two side by side. */
import { fill, h } from "../../lib/dom.js";
import { pictureAddress } from "../../lib/pictures.js";
import { keyOf, sizeOf } from "../../viewer/geometry.js";
import { colorRule, drawnRows, labelOf } from "../../viewer/look.js";
import { createStage } from "../../viewer/stage.js";
import { outcomesText, sourceName } from "./objects.js";

/**
 * @typedef {import("./rows.js").Annotation} Annotation
 * @typedef {import("./list.js").ListImage} ListImage
 * @typedef {import("./tile.js").Look} Look
 */

/** What the hint under the pointer lists. */
const MOST_HINTS = 8;

/**
 * @param {object} options
 * @param {string[]} options.runs
 * @param {string} options.title
 * @param {(id: number) => string | null} options.thumbnailOf  the address of one that is there
 * @param {(hits: Annotation[]) => void} options.onpick
 * @param {(view: import("../../viewer/zoom.js").View, from: Pane) => void} options.onview
 */
export function createPane({ runs, title, thumbnailOf, onpick, onview }) {
  const hint = h("div", { class: "under-pointer", hidden: true, "aria-hidden": "true" });
  const stage = createStage({ onview: (view) => onview(view, pane), onhover: showHint, onpick });
  const element = h(
    "div",
    { class: "pane" },
    title && h("h3", { class: "pane-title" }, title),
    stage.element,
    hint,
  );
  let image = /** @type {ListImage | null} */ (null);
  let choice = /** @type {Look | null} */ (null);
  let marked = /** @type {Set<Annotation> | null} */ (null);

  /**
   * @param {Annotation[]} hits
   * @param {number} x
   * @param {number} y
   */
  function showHint(hits, x, y) {
    hint.hidden = hits.length === 0;
    stage.element.classList.toggle("over", hits.length > 0);
    if (hits.length === 0) return;
    fill(
      hint,
      hits
        .slice(0, MOST_HINTS)
        .map((row) =>
          h(
            "div",
            null,
            h("span", { class: "swatch", style: { background: pane.color(row) } }),
            h("b", null, labelOf(row)),
            ` ${[sourceName(row), outcomesText(row, pane.rows, runs)].filter(Boolean).join(" · ")}`,
          ),
        ),
      hits.length > MOST_HINTS && h("div", null, `and ${hits.length - MOST_HINTS} more`),
    );
    const { clientWidth, clientHeight } = stage.element;
    hint.style.left = `${Math.max(0, Math.min(x + 14, clientWidth - hint.offsetWidth - 4))}px`;
    const below = y + 16 + hint.offsetHeight < clientHeight;
    const top = below ? y + 16 : Math.max(0, y - hint.offsetHeight - 8);
    hint.style.top = `${stage.element.offsetTop + top}px`;
  }

  function update() {
    if (!choice) return;
    stage.setDrawing({
      rows: pane.drawn,
      color: pane.color,
      line: choice.line,
      labels: choice.labels,
      masks: choice.masks,
      points: choice.points,
      skeleton: choice.skeleton,
      marked,
    });
  }

  const pane = {
    element,
    stage,
    runs,
    rows: /** @type {Annotation[]} */ ([]),
    drawn: /** @type {Annotation[]} */ ([]),
    isCut: false,
    color: /** @type {(row: Annotation) => string} */ (() => "#888"),
    /** The same row in this pane. @param {Annotation} row */
    twin(row) {
      const key = keyOf(row);
      return pane.rows.find((one) => keyOf(one) === key) ?? null;
    },
    /** @param {Set<Annotation> | null} rows */
    mark(rows) {
      marked = rows;
      update();
    },
    /** @param {ListImage | null} next */
    setImage(next) {
      if (next && image?.image_id === next.image_id && image.picture !== undefined) return;
      image = next;
      pane.rows = [];
      pane.drawn = [];
      marked = null;
      stage.setDrawing(null);
      const name = next?.file_name ?? "image";
      const picture = next?.picture ?? null;
      const there = next && thumbnailOf(next.image_id);
      const small = picture && (there ?? pictureAddress(picture, "medium"));
      stage.setImage(sizeOf(next), picture, small, name);
    },
    /** @param {Look} look */
    draw(look) {
      choice = { ...look, runs };
      pane.drawn = drawnRows(pane.rows, choice);
      // Colours of sources are those of all runs, also side by side.
      pane.color = colorRule(
        { ...choice, runs: look.color === "source" ? look.runs : runs },
        pane.rows,
      );
      if (image && !image.width) stage.setSize(sizeOf(image, pane.rows));
      const name = image?.file_name ?? "image";
      stage.element.setAttribute(
        "aria-label",
        `${name}: ${pane.drawn.length} objects drawn, listed beside`,
      );
      update();
    },
  };
  return pane;
}

/** @typedef {ReturnType<typeof createPane>} Pane */
