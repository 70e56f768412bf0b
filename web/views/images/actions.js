/** What can be made of the listed images: files, and a slice. */
import { queryText } from "../../lib/address.js";
import { datasetPath, isAbort, pages, Problem, send } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";
import { notify, openDialog } from "../../parts/dialog.js";
import { nameInput } from "../../parts/form_dialog.js";
import { choiceFilters, listRequest } from "./state.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Facets} Facets
 * @typedef {{images: {image_id: number}[], next?: string | null}} Listed
 */

/** What a slice may hold. */
const MOST_IMAGES = 1_000_000;
/** Filters of the rows of a source, that of the ground truth where none is named. */
const ABOUT_ROWS = ["category", "min_area", "below_area", "min_count", "max_count"];
const FORMATS = [
  ["coco", "COCO"],
  ["csv", "CSV"],
  ["jsonl", "JSON Lines"],
  ["yolo", "YOLO labels"],
];

/**
 * A menu with files of the rows of the listed images.
 * @param {string} dataset
 * @param {() => State} now
 */
export function createDownloads(dataset, now) {
  const list = h("div", { class: "download-menu" });
  const element = h(
    "details",
    { class: "download-box" },
    h("summary", { class: "button" }, "Download"),
    list,
  );
  const links = (/** @type {string} */ path, /** @type {string} */ title) => {
    const query = choiceFilters(now());
    // Without a source, an export takes its own rows for what a filter is about.
    if (ABOUT_ROWS.some((name) => query[name])) query.source ??= "ground_truth";
    return h(
      "p",
      null,
      h("b", null, title),
      h("br"),
      FORMATS.flatMap(([format, name], i) => [
        i ? " · " : "",
        h("a", { href: path + queryText({ ...query, format }), download: "" }, name),
      ]),
    );
  };
  element.addEventListener("toggle", () => {
    if (!element.open) return;
    const { cell, runs } = now();
    fill(
      list,
      cell
        ? h(
            "p",
            null,
            "Files cannot be filtered by a cell of the confusion matrix. Make a slice of its " +
              "images, and choose that.",
          )
        : [
            h("p", { class: "soft" }, "All rows of the listed images:"),
            links(datasetPath(dataset, "annotations"), "ground truth"),
            ...runs.map((run) => links(datasetPath(dataset, "runs", run, "predictions"), run)),
          ],
    );
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    element.querySelector("summary")?.focus();
  });
  element.addEventListener("focusout", (event) => {
    const next = /** @type {Node | null} */ (event.relatedTarget);
    if (next && !element.contains(next)) element.open = false;
  });
  return element;
}

/**
 * A filter of slices that chooses the same images; null where there is none.
 * @param {State} state
 * @param {Facets} facets
 * @returns {Record<string, string | number> | null}
 */
function sliceFilter(state, facets) {
  if (state.cell) return null;
  const made = /** @type {Record<string, string | number>} */ ({});
  for (const [name, value] of Object.entries(choiceFilters(state))) {
    if (name === "split") made.split = value;
    else if (name === "search") made.file_name = likePattern(value);
    else if (name === "min_count" && !state.filters.source) made.min_truths = Number(value);
    else if (name === "max_count" && !state.filters.source) made.max_truths = Number(value);
    else if (name === "category" && !state.filters.source) {
      const found = facets.categories.find(
        (one) => one.category === value || String(one.category_id) === value,
      );
      if (!found) return null;
      made.category_id = found.category_id;
    } else return null;
  }
  return Object.keys(made).length ? made : null;
}

/** What `search` finds, as a pattern of LIKE. @param {string} search */
function likePattern(search) {
  const quoted = (/** @type {string} */ text) => text.replace(/[\\%_]/g, "\\$&");
  return search.endsWith("*") ? `${quoted(search.slice(0, -1))}%` : `%${quoted(search)}%`;
}

/**
 * @param {object} options
 * @param {string} options.dataset
 * @param {State} options.state
 * @param {Facets} options.facets
 * @param {(slice: string) => void} options.onmade
 */
export function openSliceDialog({ dataset, state, facets, onmade }) {
  const stop = new AbortController();
  const input = nameInput("");
  const told = h("p", { role: "status" });
  const button = h("button", { class: "primary" }, "Make the slice");

  async function idsOfList() {
    const { path, query } = listRequest(dataset, state);
    const unsorted = { ...query, sort: null };
    const ids = /** @type {number[]} */ ([]);
    /** @type {AsyncGenerator<Listed>} */
    const found = pages(path, { ...unsorted, limit: 500 }, stop.signal);
    for await (const page of found) {
      for (const { image_id } of page.images) ids.push(image_id);
      told.textContent = `${counted(ids.length, "image")} so far…`;
      if (ids.length > MOST_IMAGES)
        throw new Problem(0, { title: "a slice has at most 1,000,000 images" });
    }
    return ids;
  }

  async function make() {
    button.disabled = true;
    told.className = "soft";
    try {
      const filter = sliceFilter(state, facets);
      const body = filter ? { filter } : { image_ids: await idsOfList() };
      const path = datasetPath(dataset, "slices", input.value);
      const made = /** @type {{image_count: number}} */ (await send("PUT", path, body));
      dialog.close();
      notify(`slice ${input.value}: ${counted(made.image_count, "image")}`);
      onmade(input.value);
    } catch (error) {
      if (isAbort(error)) return;
      told.className = "bad";
      told.textContent = error instanceof Error ? error.message : String(error);
      button.disabled = false;
    }
  }

  const same = () => facets.slices.find(({ slice }) => slice === input.value);
  input.addEventListener("input", () => {
    const other = same();
    told.className = "warn";
    told.textContent = other ? `replaces the slice of ${count(other.image_count)} images` : "";
  });
  const dialog = openDialog(
    "A slice of these images",
    h(
      "form",
      {
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void make();
        },
      },
      h(
        "p",
        null,
        "A slice is a named set of images: evaluate on it, filter by it, compare on it.",
      ),
      h("label", null, "Name ", input),
      told,
      h("div", { class: "dialog-foot" }, button),
    ),
  );
  dialog.addEventListener("close", () => stop.abort());
  input.focus();
}
