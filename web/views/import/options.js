/** The options of an import of results. They stand in the address. */
import { h } from "../../lib/dom.js";
import { KINDS } from "../../lib/kinds.js";

/** @typedef {{name: string, label: string, explain: string, input: HTMLInputElement
 *   | HTMLSelectElement}} Field */

/**
 * @param {string[][]} options  value and label each
 * @param {string} value
 */
function choices(options, value) {
  return h(
    "select",
    { value },
    options.map(([name, label]) => h("option", { value: name }, label)),
  );
}

/**
 * @param {URLSearchParams} query
 * @returns {Field[]}
 */
function fields(query) {
  const of = (/** @type {string} */ name) => query.get(name) ?? "";
  return [
    {
      name: "match",
      label: "Find images and classes by",
      explain: "Without a choice by ids, and a file whose names contradict them is refused.",
      input: choices(
        [
          ["", "ids, checked against names"],
          ["name", "names"],
          ["id", "ids alone"],
        ],
        of("match"),
      ),
    },
    {
      name: "category_offset",
      label: "Add to every category_id",
      explain: "1 for a detector that counts its classes from 0.",
      input: h("input", {
        type: "number",
        min: -1000000,
        max: 1000000,
        step: 1,
        placeholder: "0",
        value: of("category_offset"),
      }),
    },
    {
      name: "max_skipped",
      label: "Refuse the file if more rows are skipped than",
      explain: "A number, or a percentage such as 2.5%. Without it any number may be skipped.",
      input: h("input", {
        type: "text",
        pattern: "\\d+|\\d+(\\.\\d+)?%",
        placeholder: "no limit",
        value: of("max_skipped"),
      }),
    },
    {
      name: "evaluate",
      label: "Evaluate at once",
      explain: "COCO's numbers, as soon as the run is imported.",
      input: choices(
        [["", "no"], ...KINDS.map(({ value, label }) => [value, label])],
        of("evaluate"),
      ),
    },
    {
      name: "dry_run",
      label: "Dry run",
      explain: "Does all but the commit, and tells what would have been taken. Nothing changes.",
      input: h("input", { type: "checkbox", checked: of("dry_run") === "1" }),
    },
  ];
}

/**
 * @param {URLSearchParams} query
 * @param {(changes: import("../../lib/address.js").QueryValues) => void} set
 */
export function optionsFold(query, set) {
  const all = fields(query);
  const valueOf = (/** @type {Field} */ { input }) =>
    input instanceof HTMLInputElement && input.type === "checkbox"
      ? input.checked
        ? "1"
        : ""
      : input.value.trim();
  for (const field of all) {
    field.input.addEventListener("change", () => set({ [field.name]: valueOf(field) }));
  }
  const isUsed = all.some((field) => valueOf(field) !== "");
  const element = h(
    "details",
    { class: "options", open: isUsed },
    h("summary", null, "Options"),
    h(
      "div",
      { class: "fields" },
      all.map((field) =>
        h(
          "label",
          { class: "field" },
          h("span", null, field.label),
          field.input,
          h("small", null, field.explain),
        ),
      ),
    ),
  );
  return {
    element,
    /** @returns {boolean} */
    isGood: () => all.every(({ input }) => input.reportValidity()),
    /** @returns {Record<string, string>} */
    values: () => Object.fromEntries(all.map((field) => [field.name, valueOf(field)])),
  };
}
