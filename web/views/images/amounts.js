/**
 * Filters by how many rows an image has, and how large these are.
 *
 * @typedef {import("./side.js").Set} Set
 * @typedef {import("./side.js").Part} Part
 * @typedef {import("./state.js").State} State
 * @typedef {Record<string, string>} Filters
 */
import { h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { choice } from "../../parts/controls.js";

/** COCO's sizes, as `from..below` in square pixels. @type {Record<string, string>} */
const SIZES = {
  "..1024": "small (< 32²)",
  "1024..9216": "medium",
  "9216..": "large (≥ 96²)",
};

/** The side of a square of this area, in pixels. @param {string} area */
const side = (area) => count(Math.round(Math.sqrt(Number(area))));

/** @param {Filters} filters */
function sizeValue({ min_area: from, below_area: below }) {
  return from || below ? `${from ?? ""}..${below ?? ""}` : "";
}

/** @param {string} value  from..below */
function sizeText(value) {
  const [from, below] = value.split("..");
  if (SIZES[value]) return SIZES[value];
  if (!from) return `side below ${side(below)} px`;
  return below ? `side ${side(from)}–${side(below)} px` : `side from ${side(from)} px`;
}

/** @param {Filters} filters */
function countText({ min_count: least, max_count: most }) {
  if (!most) return `from ${count(Number(least))}`;
  if (!Number(least ?? 0)) return Number(most) ? `up to ${count(Number(most))}` : "none";
  if (least === most) return count(Number(most));
  return `${count(Number(least))}–${count(Number(most))}`;
}

/**
 * What these filters say, for the chips: words, and what takes them away.
 * @param {Filters} filters
 * @returns {[string, Record<string, null>][]}
 */
export function amountChips(filters) {
  /** @type {[string, Record<string, null>][]} */
  const chips = [];
  const size = sizeValue(filters);
  if (size) chips.push([`size: ${sizeText(size)}`, { min_area: null, below_area: null }]);
  if (filters.min_count || filters.max_count)
    chips.push([`number: ${countText(filters)}`, { min_count: null, max_count: null }]);
  return chips;
}

/** How large the rows are. @param {Set} set @returns {Part} */
export function sizePart(set) {
  const { element, select } = choice({
    label: "Size",
    value: "",
    options: [
      { value: "", label: "any size" },
      ...Object.entries(SIZES).map(([value, label]) => ({ value, label })),
    ],
    onchange(value) {
      const [from, below] = value.split("..");
      set({ min_area: from || null, below_area: below || null });
    },
  });
  return {
    element,
    sync({ filters }) {
      const value = sizeValue(filters);
      if (![...select.options].some((option) => option.value === value)) {
        select.append(h("option", { value }, sizeText(value)));
      }
      select.value = value;
      // The service has no areas of outcomes.
      select.disabled ||= Boolean(filters.outcome);
    },
  };
}

/**
 * How many rows like that an image has: from, to.
 * @param {Set} set
 * @returns {Part}
 */
export function countPart(set) {
  const box = (/** @type {string} */ label, /** @type {string} */ placeholder) =>
    h("input", {
      type: "number",
      min: 0,
      max: 2147483647,
      step: 1,
      placeholder,
      "aria-label": label,
      onchange: change,
    });
  const least = box("At least so many", "from");
  const most = box("At most so many", "to");
  /** The number that is written there, 1e2 or 007 too; null: none. @param {HTMLInputElement} one */
  const numberIn = (one) => (one.value === "" ? null : Math.abs(one.valueAsNumber));
  /** @param {Event} event */
  function change(event) {
    if (!least.reportValidity() || !most.reportValidity()) return;
    const [low, high] = [numberIn(least), numberIn(most)];
    const isTurned = low !== null && high !== null && low > high;
    // The box that was changed is the one that is meant.
    set({
      min_count: isTurned && event.target === most ? null : low || null,
      max_count: isTurned && event.target === least ? null : high,
    });
  }
  return {
    element: h(
      "div",
      { class: "choice", role: "group", "aria-label": "Number" },
      h("label", null, "Number"),
      h("div", { class: "from-to" }, least, most),
    ),
    sync({ filters }) {
      least.value = filters.min_count ?? "";
      most.value = filters.max_count ?? "";
    },
  };
}

/**
 * Whether a row is as large as the filters ask for.
 * @param {Filters} filters
 * @param {import("./state.js").Schemas["Annotation"]} row
 */
export function hasSize({ min_area: from, below_area: below }, row) {
  const area = row.area ?? row.bbox[2] * row.bbox[3];
  return (!from || area >= Number(from)) && (!below || area < Number(below));
}
