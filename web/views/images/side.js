/**
 * The panel beside the pictures: which runs are drawn and how, the legend, and filters.
 *
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Facets} Facets
 * @typedef {(changes: import("../../lib/address.js").QueryValues, how?: "push" | "replace") => void
 *   } Set
 * @typedef {{element: HTMLElement, sync: (state: State) => void}} Part
 */
import { sourceColor } from "../../lib/color.js";
import { fill, h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { kindParameter, KINDS } from "../../lib/kinds.js";
import { runNames } from "../../lib/names.js";
import { CONFIDENCE } from "../../lib/point.js";
import { slider, toggle } from "../../parts/controls.js";
import { filterParts } from "./filters.js";

/**
 * @param {string} title
 * @param {...import("../../lib/dom.js").Children} content
 */
export function section(title, ...content) {
  return h("section", { class: "side-part" }, h("h2", null, title), ...content);
}

/**
 * A box to tick.
 * @param {string} label
 * @param {(checked: boolean) => void} onchange
 */
function tick(label, onchange) {
  const input = h("input", { type: "checkbox", onchange: () => onchange(input.checked) });
  const element = h("label", { class: "tick" }, input, " ", label);
  return { element, input };
}

/**
 * @param {Facets} facets
 * @param {Set} set
 * @param {() => State} now
 * @returns {Part}
 */
function runsPart(facets, set, now) {
  const names = runNames(facets);
  const rows = names.map((name) => {
    const source = facets.sources.find((one) => one.source === name);
    const dot = h("span", { class: "swatch", "aria-hidden": "true" });
    const box = tick(name, (checked) => {
      const { runs, show } = now();
      const next = checked ? [...runs, name] : runs.filter((run) => run !== name);
      if (next.length === 0) set({ show: "truth" });
      else
        set({
          run: next,
          show: checked && show === "truth" ? null : show === "both" ? null : show,
        });
    });
    box.element.prepend(dot);
    box.element.append(h("small", null, count(source?.row_count ?? 0)));
    return { name, dot, box };
  });
  const side = tick("side by side", (checked) => {
    const { runs } = now();
    const second = names.find((name) => !runs.includes(name));
    set({ side: checked, run: runs.length > 1 || !second ? runs : [...runs, second] });
  });
  const element = section(
    "Runs",
    names.length
      ? h(
          "div",
          { class: "side-runs" },
          rows.map(({ box }) => box.element),
        )
      : h("p", { class: "soft" }, "There is no run yet."),
    names.length > 1 && side.element,
  );
  return {
    element,
    sync({ runs, side: isSide, show }) {
      for (const { name, dot, box } of rows) {
        const at = runs.indexOf(name);
        box.input.checked = at >= 0 && show !== "truth";
        dot.style.background = at < 0 ? "var(--line)" : sourceColor(at + 1);
      }
      side.input.checked = isSide;
    },
  };
}

/**
 * @param {Set} set
 * @param {(confidence: number) => void} onconfidence  at once; the address follows
 * @param {() => State} now
 * @returns {Part}
 */
function showPart(set, onconfidence, now) {
  const show = toggle({
    label: "What is drawn",
    value: "both",
    options: [
      { value: "truth", label: "Truth", title: "Ground truth (1)" },
      { value: "predictions", label: "Predictions", title: "Predictions (2)" },
      { value: "both", label: "Both", title: "Both (3)" },
    ],
    onchange: (value) => set({ show: value === "both" ? null : value }),
  });
  const confidence = slider({
    label: "Score from",
    value: CONFIDENCE,
    min: 0,
    max: 1,
    step: 0.01,
    oninput: onconfidence,
  });
  const also = tick("also filter the list", (checked) =>
    set({ min_confidence: checked ? now().confidence : null }),
  );
  const element = section("Drawn", show.element, confidence.element, also.element);
  return {
    element,
    sync(state) {
      show.set(state.show);
      if (document.activeElement !== confidence.input) confidence.set(state.confidence);
      also.input.checked = "min_confidence" in state.filters;
      also.element.hidden = state.cell !== null;
    },
  };
}

/**
 * @param {Set} set
 * @returns {Part}
 */
function drawingPart(set) {
  const labels = tick("labels", (on) => set({ labels: on ? null : "0" }, "replace"));
  const masks = tick("masks", (on) => set({ masks: on ? null : "0" }, "replace"));
  const points = tick("keypoints", (on) => set({ points: on ? null : "0" }, "replace"));
  const line = slider({
    label: "Lines",
    value: 2,
    min: 0.5,
    max: 6,
    step: 0.5,
    show: (n) => `${n} px`,
    oninput: (value) => set({ line: value === 2 ? null : value }, "replace"),
  });
  const kind = toggle({
    label: "What overlaps, for outcomes",
    value: "bbox",
    options: KINDS,
    onchange: (value) => set({ iou_type: kindParameter(value) }),
  });
  const element = section(
    "Details",
    h("div", { class: "ticks" }, labels.element, masks.element, points.element),
    line.element,
    h("div", { class: "side-row" }, h("span", { class: "soft" }, "Outcomes by"), kind.element),
  );
  return {
    element,
    sync(state) {
      labels.input.checked = state.labels;
      masks.input.checked = state.masks;
      points.input.checked = state.points;
      if (document.activeElement !== line.input) line.set(state.line);
      kind.set(state.iouType);
    },
  };
}

/**
 * @param {object} options
 * @param {Set} options.set
 * @param {() => State} options.now
 * @param {(confidence: number) => void} options.onconfidence
 */
export function createSide({ set, now, onconfidence }) {
  const body = h("div", { class: "side-body" });
  const button = h(
    "button",
    { class: "side-button", "aria-expanded": "false", onclick: () => open(!isOpen()) },
    "Runs, drawing and filters",
  );
  const element = h("aside", { class: "side", "aria-label": "Drawing and filters" }, button, body);
  let parts = /** @type {Part[]} */ ([]);

  const isOpen = () => element.classList.contains("open");
  const open = (/** @type {boolean} */ on) => {
    element.classList.toggle("open", on);
    button.setAttribute("aria-expanded", String(on));
  };

  return {
    element,
    /**
     * @param {Facets} facets
     * @param {HTMLElement} legend
     */
    setFacets(facets, legend) {
      parts = [
        runsPart(facets, set, now),
        showPart(set, onconfidence, now),
        { element: legend, sync: () => {} },
        ...filterParts(facets, set, now),
        drawingPart(set),
      ];
      fill(
        body,
        parts.map(({ element: part }) => part),
      );
    },
    /** @param {State} state */
    sync(state) {
      for (const part of parts) part.sync(state);
    },
  };
}
