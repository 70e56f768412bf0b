/** What the colours mean. Its entries are buttons: each turns what it stands for off and on. */
import { fill, h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { OUTCOME_WORDS, outcomeName, OUTCOMES } from "../../lib/outcomes.js";
import { toggle } from "../../parts/controls.js";
import { kindColor } from "../../viewer/look.js";
import { section } from "./side.js";

/** Entries that are shown before somebody asks for all. */
const FIRST = 16;

/**
 * @typedef {{kind: string, label: string, words?: string, count?: number}} Entry
 * @param {import("./state.js").State} state
 * @param {import("./state.js").Facets} facets
 * @returns {Entry[]}
 */
function entriesOf({ color, runs }, facets) {
  if (color === "source") {
    return ["ground_truth", ...runs].map((kind) => ({
      kind,
      label: kind === "ground_truth" ? "ground truth" : kind,
      count: facets.sources.find(({ source }) => source === kind)?.row_count,
    }));
  }
  if (color === "outcome") {
    return OUTCOMES.map((kind) => ({ kind, label: outcomeName(kind), words: OUTCOME_WORDS[kind] }));
  }
  return facets.categories
    .map((one) => ({ ...one, kind: className(one) }))
    .map(({ kind, counts }) => ({
      kind,
      label: kind,
      count: Number(counts.ground_truth ?? Object.values(counts)[0] ?? 0),
    }))
    .sort((a, b) => b.count - a.count);
}

/** @param {import("./side.js").Set} set */
export function createLegend(set) {
  let isWhole = false;
  const list = h("ul", { class: "kinds" });
  const coloring = toggle({
    label: "Colours by",
    value: "class",
    options: [
      { value: "class", label: "Class" },
      { value: "source", label: "Source" },
      { value: "outcome", label: "Outcome", title: "Outcome (o)" },
    ],
    onchange: (value) => set({ color: value === "class" ? null : value, hide: null }),
  });
  const element = section("Colours", coloring.element, list);

  /**
   * @param {import("./state.js").State} state
   * @param {import("./state.js").Facets} facets
   */
  function sync(state, facets) {
    coloring.set(state.color);
    const entries = entriesOf(state, facets);
    const first = entries.filter(({ kind }, i) => i < FIRST || state.hidden.has(kind));
    const shown = isWhole ? entries : first;
    const flip = (/** @type {string} */ kind) => {
      const hidden = new Set(state.hidden);
      if (!hidden.delete(kind)) hidden.add(kind);
      set({ hide: [...hidden].map(encodeURIComponent) });
    };
    const focused = list.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.kind
      : undefined;
    fill(
      list,
      shown.map(({ kind, label, words, count: number }) =>
        h(
          "li",
          null,
          h(
            "button",
            {
              "aria-pressed": String(!state.hidden.has(kind)),
              title: words ?? `Hide or show ${label}`,
              dataset: { kind },
              onclick: () => flip(kind),
            },
            h("span", {
              class: "swatch",
              style: { background: kindColor(state.color, kind, state.runs) },
            }),
            h("span", { class: "kind-name" }, label),
            number !== undefined && h("small", null, count(number)),
          ),
        ),
      ),
      shown.length < entries.length &&
        h(
          "li",
          null,
          h(
            "button",
            {
              class: "link",
              onclick: () => {
                isWhole = true;
                sync(state, facets);
              },
            },
            `all ${entries.length} classes`,
          ),
        ),
    );
    if (focused !== undefined) {
      for (const button of list.querySelectorAll("button")) {
        if (button.dataset.kind === focused) button.focus();
      }
    }
  }
  return { element, sync };
}
