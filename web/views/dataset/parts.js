/** Smaller parts of the page of a dataset: counts, splits and slices, exports, its file. */
import { addressOf } from "../../lib/address.js";
import { datasetPath, send } from "../../lib/api.js";
import { cls, h } from "../../lib/dom.js";
import { bytes, count, counted, duration, when } from "../../lib/format.js";
import { nameProblem } from "../../lib/names.js";
import { reload } from "../../lib/router.js";
import { enqueue } from "../../lib/uploads.js";
import { confirmLoss } from "../../parts/dialog.js";
import { downloadLink } from "../../parts/download.js";
import { field, formDialog } from "../../parts/form_dialog.js";
import { tellProblem } from "./actions.js";

/** @typedef {import("../../lib/api.js").Schemas} Schemas */

/**
 * How much a dataset has.
 * @param {Schemas["DatasetSummary"]} dataset
 * @param {boolean} [isLarge]
 */
export function countsList(dataset, isLarge = false) {
  const entry = (/** @type {number} */ n, /** @type {string} */ one, many = one + "s") =>
    h("div", null, h("dt", null, n === 1 ? one : many), h("dd", null, count(n)));
  return h(
    "dl",
    { class: cls("counts", isLarge && "is-large") },
    entry(dataset.image_count, "image"),
    entry(dataset.annotation_count, "annotation"),
    entry(dataset.category_count, "class", "classes"),
    entry(dataset.run_count, "run"),
    entry(dataset.prediction_count, "prediction"),
  );
}

/** @param {Schemas["DatasetSummary"]} dataset */
export function importedWords(dataset) {
  const { imported_at: at, bytes: size, duration_ms: ms, skipped_count: skipped } = dataset;
  if (!at) return null;
  const words = `imported ${when(at)}, ${bytes(size)} in ${duration(ms)}`;
  return h("p", { class: "soft" }, words, skipped ? `, ${counted(skipped, "row")} skipped` : "");
}

/** @param {string} dataset @param {string} slice */
async function deleteSlice(dataset, slice) {
  const words = "Its evaluations stay. The images stay, too.";
  if (!(await confirmLoss(`Delete slice ${slice}?`, words, "Delete"))) return;
  try {
    await send("DELETE", datasetPath(dataset, "slices", slice));
    reload();
  } catch (error) {
    tellProblem(error);
  }
}

/**
 * @param {string} dataset
 * @param {Schemas["Facets"]} facets
 */
export function splitsAndSlices(dataset, facets) {
  const line = (
    /** @type {string} */ label,
    /** @type {Record<string, string>} */ query,
    /** @type {string} */ images,
    /** @type {import("../../lib/dom.js").Children} */ end,
  ) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, h("a", { href: addressOf("images", dataset, query) }, label)),
      h("td", { class: "number" }, images),
      h("td", null, end),
    );
  const splits = facets.splits.map(({ split, image_count: n }) =>
    split
      ? line(split, { split }, count(n), "split")
      : h(
          "tr",
          null,
          h("th", { scope: "row" }, "no split"),
          h("td", { class: "number" }, count(n)),
          h("td"),
        ),
  );
  const slices = facets.slices.map(({ slice, image_count: n, is_estimate: about }) =>
    line(slice, { slice }, (about ? "≈ " : "") + count(n), [
      "slice ",
      h(
        "button",
        { class: "link bad", onclick: () => void deleteSlice(dataset, slice) },
        "delete",
        h("span", { class: "unseen" }, ` slice ${slice}`),
      ),
    ]),
  );
  return [
    h(
      "table",
      { class: "data" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("th", null, "name"),
          h("th", { class: "number" }, "images"),
          h("th", null, "kind"),
        ),
      ),
      h("tbody", null, splits, slices),
    ),
    facets.slices.length === 0 &&
      h(
        "p",
        { class: "soft" },
        "A slice is a named set of images, such as those at night. ",
        h("a", { href: addressOf("images", dataset) }, "Make one of filtered images"),
        ".",
      ),
  ];
}

/** @param {string} dataset */
export function exportsList(dataset) {
  const path = datasetPath(dataset, "annotations");
  const formats = { coco: "COCO JSON", csv: "CSV", jsonl: "JSON Lines", yolo: "YOLO labels" };
  return [
    h("p", { class: "soft" }, "The ground truth as a file; runs have a download in their table."),
    h(
      "div",
      { class: "buttons" },
      Object.entries(formats).map(([format, label]) =>
        downloadLink(`${path}?format=${format}`, label, { class: "button" }),
      ),
      downloadLink(`${path}?gzip=1`, "COCO JSON, compressed", { class: "button" }),
    ),
  ];
}

/** @param {Schemas["Dataset"]} dataset */
export function fileFacts(dataset) {
  const text = (/** @type {unknown} */ value) => JSON.stringify(value, null, 2);
  const none = (/** @type {number | null} */ size) =>
    size ? `too large to show here (${bytes(size)}); an export has it` : "the file has none";
  const part = (
    /** @type {string} */ title,
    /** @type {unknown} */ value,
    /** @type {number | null} */ size,
  ) => [
    h("h3", null, title),
    value === null || value === undefined
      ? h("p", { class: "soft" }, none(size))
      : h("pre", { tabindex: 0, class: "facts" }, text(value)),
  ];
  return h(
    "details",
    { class: "card" },
    h("summary", null, "Info and licences"),
    part("Info", dataset.info, dataset.info_bytes),
    part("Licences", dataset.licenses, dataset.licenses_bytes),
  );
}

/**
 * Asks for a second file with a split of its own, or another ground truth, and sends it.
 * @param {string} dataset
 * @param {"add" | "replace"} kind
 */
export function sendFileOf(dataset, kind) {
  const file = h("input", { type: "file", required: true });
  const split = h("input", { type: "text", maxlength: 63, placeholder: "none" });
  split.addEventListener("input", () =>
    split.setCustomValidity(split.value ? nameProblem(split.value, "split") : ""),
  );
  const renumber = h("input", { type: "checkbox" });
  const isAdd = kind === "add";
  formDialog({
    title: isAdd ? `Add a file to ${dataset}` : `Replace the ground truth of ${dataset}`,
    fields: [
      field("Ground-truth file", file),
      field("Split", split, "train, val … of its images"),
      isAdd && h("label", null, renumber, " give new ids to what has an id that is there already"),
      h(
        "p",
        { class: "soft" },
        isAdd
          ? "The dataset then has the images of both files. Runs and slices stay."
          : "Runs stay. A file that lacks images or classes of theirs is refused.",
      ),
    ],
    does: isAdd ? "Add" : "Replace",
    run: async () => {
      const chosen = file.files?.[0];
      if (!chosen) return;
      const options = { split: split.value, renumber: isAdd && renumber.checked ? "1" : null };
      enqueue({ kind, dataset, run: "", options, file: chosen });
    },
  });
}
