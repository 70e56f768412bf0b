/**
 * One image large, or one image twice with a run each; beside it its objects and what is known
 * about it.
 *
 * @typedef {import("./state.js").State} State
 * @typedef {import("./rows.js").Annotation} Annotation
 * @typedef {import("./list.js").ListImage} ListImage
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./pane.js").Pane} Pane
 */
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { problemBox } from "../../parts/states.js";
import { keyOf, partnersOf } from "../../viewer/geometry.js";
import { detailsOf } from "./details.js";
import { createObjects, pinnedCard } from "./objects.js";
import { createPane } from "./pane.js";
import { readImageRows } from "./rows.js";

/**
 * @param {object} options
 * @param {string} options.dataset
 * @param {() => string[]} options.known  the runs that there are
 * @param {() => State} options.now
 * @param {() => import("./tile.js").Look} options.look
 * @param {(id: number) => string | null} options.thumbnailOf  the address of one that the grid has
 * @param {(step: number) => void} options.onstep
 * @param {() => void} options.onclose
 * @param {(id: number) => void} options.onload  the image is there
 * @param {AbortSignal} options.signal
 */
export function createLarge(options) {
  const { dataset, known, now, look, thumbnailOf, onstep, onclose, onload, signal } = options;
  const title = h("h2", { tabindex: -1 });
  const place = h("span", { class: "soft large-place", "aria-live": "polite" });
  const stages = h("div", { class: "panes" });
  const pin = h("div", { class: "pin" });
  const details = h("div", { class: "details" });
  const problem = h("div");
  let panes = /** @type {Pane[]} */ ([]);
  let pinned = /** @type {Annotation | null} */ (null);
  let shown = /** @type {string | null} */ (null); // what is read or has been
  let stop = new AbortController();
  let image = /** @type {ListImage | null} */ (null);

  const objects = createObjects({
    onpoint: (row) => mark(row ?? pinned),
    onpick: (row) => setPinned(row === pinned ? null : row),
    onshow: (row) => paneOf(row)?.stage.showRow(row),
  });
  const button = (
    /** @type {string} */ text,
    /** @type {string} */ label,
    /** @type {() => void} */ run,
  ) => h("button", { class: "icon", "aria-label": label, title: label, onclick: run }, text);
  const head = h(
    "div",
    { class: "large-head" },
    h("button", { onclick: onclose, title: "Back to the grid (Escape)" }, "← Grid"),
    button("‹", "Previous image (←)", () => onstep(-1)),
    button("›", "Next image (→)", () => onstep(1)),
    h("div", { class: "large-title" }, title, place),
    button("−", "Zoom out (-)", () => zoom(1 / 1.4)),
    button("+", "Zoom in (+)", () => zoom(1.4)),
    h("button", { title: "Fit (f)", onclick: () => fit() }, "Fit"),
  );
  const element = h(
    "div",
    { class: "large", hidden: true },
    head,
    problem,
    h(
      "div",
      { class: "large-body" },
      stages,
      h(
        "div",
        { class: "large-side", tabindex: 0, role: "region", "aria-label": "About the image" },
        pin,
        objects.element,
        details,
      ),
    ),
  );

  const paneOf = (/** @type {Annotation} */ row) => panes.find((pane) => pane.rows.includes(row));
  const zoom = (/** @type {number} */ factor) => panes[0]?.stage.zoom(factor);
  const fit = () => panes[0]?.stage.fit();

  /** @param {Annotation | null} row */
  function mark(row) {
    for (const pane of panes) {
      const same = row && (pane.rows.includes(row) ? row : pane.twin(row));
      pane.mark(same ? new Set([same, ...partnersOf(same, pane.rows)]) : null);
    }
  }

  /** @param {Annotation | null} row */
  function setPinned(row) {
    pinned = row;
    mark(row);
    objects.mark(row);
    const twins = panes.flatMap((pane) => {
      const same = row && pane.twin(row);
      return same ? [{ row: same, rows: pane.rows, run: pane.runs[0] }] : [];
    });
    fill(pin, row && twins.length > 0 && pinnedCard(row, twins, () => setPinned(null)));
  }

  /** @param {Annotation[]} hits  the next one at each click at the same place */
  function pick(hits) {
    if (hits.length === 0) setPinned(null);
    else setPinned(hits[(pinned ? hits.indexOf(pinned) + 1 : 0) % hits.length]);
  }

  /** @param {string[][]} sets  the runs of each pane */
  function makePanes(sets) {
    if (JSON.stringify(panes.map(({ runs }) => runs)) === JSON.stringify(sets)) return;
    panes.forEach((pane) => pane.stage.stop());
    panes = sets.map((runs) =>
      createPane({
        runs,
        title: sets.length > 1 ? runs[0] : "",
        thumbnailOf,
        onpick: pick,
        onview: (view, from) => {
          for (const pane of panes) if (pane !== from) pane.stage.follow(view);
        },
      }),
    );
    fill(
      stages,
      panes.map((pane) => pane.element),
    );
    stages.classList.toggle("two", panes.length > 1);
    shown = null;
  }

  /** Draws what is there as the state wants it. */
  function redraw() {
    const choice = look();
    for (const pane of panes) pane.draw(choice);
    const rows = unique(panes.flatMap((pane) => pane.rows));
    const drawn = unique(panes.flatMap((pane) => pane.drawn));
    const runs = panes.flatMap((pane) => pane.runs);
    if (pinned && !drawn.includes(pinned)) setPinned(null);
    const isCut = panes.some((pane) => pane.isCut);
    objects.show({ drawn, rows, runs, color: panes[0]?.color ?? (() => ""), pinned, isCut });
  }

  /** The ground truth is in both panes. @param {Annotation[]} rows */
  function unique(rows) {
    const seen = new Set(/** @type {string[]} */ ([]));
    return rows.filter((row) => {
      const key = keyOf(row);
      return !seen.has(key) && seen.add(key);
    });
  }

  /** @param {string} id */
  async function load(id) {
    stop.abort();
    stop = new AbortController();
    const ends = AbortSignal.any([stop.signal, signal]);
    const { iouType } = now();
    element.setAttribute("aria-busy", "true");
    fill(problem);
    try {
      const [whole] = await Promise.all([
        /** @type {Promise<Schemas["Image"]>} */ (
          read(datasetPath(dataset, "images", id), {}, ends)
        ),
        ...panes.map(async (pane) => {
          const found = await readImageRows(
            dataset,
            id,
            ["ground_truth", ...pane.runs],
            iouType,
            ends,
          );
          if (ends.aborted) return;
          pane.setImage(found.image);
          pane.rows = found.rows;
          pane.isCut = found.isCut;
        }),
      ]);
      if (ends.aborted) return;
      image = whole;
      title.textContent = whole.file_name ?? `image ${whole.image_id}`;
      fill(details, detailsOf(dataset, whole));
      objects.reset();
      redraw();
      onload(whole.image_id);
    } catch (error) {
      if (ends.aborted || isAbort(error)) return;
      fill(details);
      redraw(); // what is beside it was of the image before
      fill(problem, problemBox(error, { again: () => loadAgain(id), runs: known() }));
    } finally {
      if (!ends.aborted) element.removeAttribute("aria-busy");
    }
  }

  /** Also the picture, which may have failed with the rest. @param {string} id */
  function loadAgain(id) {
    for (const pane of panes) pane.setImage(null);
    void load(id);
  }

  return {
    element,
    redraw,
    zoom,
    fit,
    letGo: () => {
      const was = pinned !== null;
      setPinned(null);
      return was;
    },
    /**
     * @param {string} id
     * @param {ListImage | null} listed  what the list knows of it, shown until the rest comes
     */
    show(id, listed) {
      const isNew = element.hidden;
      element.hidden = false;
      if (isNew) title.focus({ preventScroll: true });
      const { runs, side, iouType } = now();
      makePanes(side ? runs.slice(0, 2).map((run) => [run]) : [runs]);
      const key = JSON.stringify([id, iouType, runs, side]);
      if (key === shown) {
        redraw();
        return;
      }
      if (!shown || JSON.parse(shown)[0] !== id) {
        setPinned(null);
        for (const pane of panes) pane.setImage(listed);
        title.textContent = listed?.file_name ?? `image ${id}`;
      }
      shown = key;
      void load(id);
    },
    /**
     * @param {number | null} index
     * @param {number | null} total
     * @param {boolean} isEstimate
     */
    setPlace(index, total, isEstimate) {
      const of = total === null ? "" : ` of ${isEstimate ? "≈ " : ""}${count(total)}`;
      place.textContent = index === null ? "" : `${count(index + 1)}${of}`;
    },
    hide() {
      stop.abort();
      element.hidden = true;
      element.removeAttribute("aria-busy");
      shown = null;
      for (const pane of panes) pane.setImage(null);
      setPinned(null);
    },
    /** What is shown is read again. */
    forget() {
      shown = null;
    },
    get image() {
      return image;
    },
    stop() {
      stop.abort();
      panes.forEach((pane) => pane.stage.stop());
    },
  };
}
