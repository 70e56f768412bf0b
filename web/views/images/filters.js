/** Filters of the list, the chips that say which ones there are, and the order. */
import { fill, h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { className, runNames } from "../../lib/names.js";
import { outcomeName, OUTCOMES } from "../../lib/outcomes.js";
import { choice } from "../../parts/controls.js";
import { amountChips, countPart, sizePart } from "./amounts.js";
import { section } from "./side.js";
import { filterRun, listFilters, SORTS } from "./state.js";

/**
 * @typedef {import("./side.js").Set} Set
 * @typedef {import("./side.js").Part} Part
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Facets} Facets
 * @typedef {{value: string, label: string}} Option
 */

/** @param {string} label */
const any = (label) => ({ value: "", label });

/** A class in the address: by its name, unless that could be an id. */
function categoryValue(/** @type {Facets["categories"][number]} */ { category, category_id }) {
  return category === null || /^-?\d+$/.test(category) ? String(category_id) : category;
}

/**
 * @param {string} label
 * @param {Option[]} options
 * @param {(value: string) => void} onchange
 * @param {(state: State) => string} valueOf
 * @returns {Part}
 */
function filter(label, options, onchange, valueOf) {
  const { element, select } = choice({ label, value: "", options, onchange });
  return {
    element,
    sync(state) {
      const value = valueOf(state);
      if (![...select.options].some((option) => option.value === value)) {
        select.append(h("option", { value }, value));
      }
      select.value = value;
    },
  };
}

/**
 * @param {Set} set
 * @returns {Part}
 */
function searchPart(set) {
  const input = h("input", {
    type: "search",
    "aria-label": "File name",
    placeholder: "file name, or night/*",
    onchange: () => set({ search: input.value.trim() }),
  });
  const sync = (/** @type {State} */ state) => {
    if (document.activeElement !== input) input.value = state.filters.search ?? "";
  };
  return { element: h("div", { class: "choice" }, h("label", null, "File"), input), sync };
}

/**
 * @param {Facets} facets
 * @param {Set} set
 * @param {() => State} now
 * @returns {Part[]}
 */
export function filterParts(facets, set, now) {
  const runs = runNames(facets);
  const splits = filter(
    "Split",
    [
      any("all splits"),
      ...facets.splits
        .filter(({ split }) => split !== null)
        .map(({ split, image_count }) => ({
          value: String(split),
          label: `${split} (${count(image_count)})`,
        })),
    ],
    (split) => set({ split }),
    (state) => state.filters.split ?? "",
  );
  const slices = filter(
    "Slice",
    [
      any("all images"),
      ...facets.slices.map(({ slice, image_count, is_estimate }) => ({
        value: slice,
        label: `${slice} (${is_estimate ? "≈ " : ""}${count(image_count)})`,
      })),
    ],
    (slice) => set({ slice }),
    (state) => state.filters.slice ?? "",
  );
  const parts = [
    filter(
      "Class",
      [
        any("any class"),
        ...facets.categories.map((one) => ({
          value: categoryValue(one),
          label: `${className(one)} (${count(Number(Object.values(one.counts)[0] ?? 0))})`,
        })),
      ],
      (category) => set({ category, truth: null, predicted: null }),
      (state) => state.filters.category ?? "",
    ),
    filter(
      "in",
      [any("ground truth"), ...runs.map((run) => ({ value: run, label: run }))],
      (source) => set({ source }),
      (state) => {
        const source = listFilters(state).source ?? "";
        return source === "ground_truth" ? "" : source;
      },
    ),
    sizePart(set),
    countPart(set),
    filter(
      "Outcome",
      [any("any outcome"), ...OUTCOMES.map((one) => ({ value: one, label: outcomeName(one) }))],
      (outcome) =>
        set({
          outcome,
          source: outcome ? filterRun(now()) : null,
          truth: null,
          predicted: null,
          ...(outcome && { min_area: null, below_area: null }),
        }),
      (state) => state.filters.outcome ?? "",
    ),
    splits,
    slices,
    searchPart(set),
  ];
  const body = h(
    "div",
    { class: "filters" },
    parts.map(({ element }) => element),
  );
  const element = section("Filter images", body);
  return [
    {
      element,
      sync: (state) => {
        for (const part of parts) {
          // A cell of the matrix is a list of its own, of any part of the images.
          const isOff = state.cell !== null && part !== splits && part !== slices;
          for (const one of part.element.querySelectorAll("select, input")) {
            /** @type {HTMLInputElement} */ (one).disabled = isOff;
          }
          part.sync(state);
        }
      },
    },
  ];
}

/**
 * A cell of the confusion matrix in words.
 * @param {NonNullable<State["cell"]>} cell
 * @param {string} run
 * @param {Facets} facets
 */
function cellText({ truth, predicted, confidence }, run, facets) {
  const name = (/** @type {string} */ side) => {
    const found = facets.categories.find(({ category_id }) => String(category_id) === side);
    return found ? className(found) : side;
  };
  const score = confidence ? `, score from ${confidence}` : "";
  if (truth === "background") return `${name(predicted)} where ${run} should see nothing${score}`;
  if (predicted === "background") return `${name(truth)} missed by ${run}${score}`;
  if (name(truth) === name(predicted)) return `${name(truth)} found by ${run}${score}`;
  return `${name(truth)} taken for ${name(predicted)} by ${run}${score}`;
}

/**
 * What filters now, each with a button that takes it away.
 * @param {Set} set
 */
export function createChips(set) {
  const element = h("div", {
    class: "filter-chips",
    "aria-label": "Filters that are on",
    role: "group",
  });
  const chip = (/** @type {string} */ text, /** @type {Record<string, null>} */ without) =>
    h(
      "button",
      { class: "filter-chip", title: "Take this filter away", onclick: () => set(without) },
      text,
      h("span", { "aria-hidden": "true" }, "×"),
    );
  return {
    element,
    /**
     * @param {State} state
     * @param {Facets} facets
     */
    sync(state, facets) {
      const { filters, cell } = state;
      const chips = [];
      if (cell) {
        const without = { truth: null, predicted: null, min_confidence: null };
        chips.push(chip(cellText(cell, filterRun(state), facets), without));
      }
      /** @type {[string, string][]} */
      const names = [
        ["category", "class"],
        ["split", "split"],
        ["slice", "slice"],
        ["search", "file"],
      ];
      for (const [name, word] of names) {
        const isOff = cell && name !== "split" && name !== "slice";
        if (filters[name] && !isOff)
          chips.push(chip(`${word}: ${filters[name]}`, { [name]: null }));
      }
      if (filters.outcome) {
        const text = `${outcomeName(filters.outcome)} in ${filterRun(state)}`;
        chips.push(chip(text, { outcome: null, source: null }));
      } else if (filters.source && filters.source !== "ground_truth") {
        chips.push(chip(`in ${filters.source}`, { source: null }));
      }
      if (!cell) chips.push(...amountChips(filters).map(([text, without]) => chip(text, without)));
      if (filters.min_confidence && !cell) {
        chips.push(chip(`score from ${filters.min_confidence}`, { min_confidence: null }));
      }
      fill(element, chips);
    },
  };
}

/**
 * @param {Set} set
 * @returns {Part}
 */
export function sortPart(set) {
  const { element, select } = choice({
    label: "Sort",
    value: "",
    options: SORTS,
    onchange: (sort) => set({ sort }),
  });
  return {
    element,
    sync(state) {
      select.value = state.filters.sort === "id" ? "" : (state.filters.sort ?? "");
      element.hidden = state.cell !== null;
    },
  };
}
