/** Files of ground truth that are chosen: a name and a split each, before they are sent. */
import { h } from "../../lib/dom.js";
import { bytes } from "../../lib/format.js";
import {
  commonDataset,
  datasetFromFile,
  NAME_PATTERN,
  nameProblem,
  splitFromFile,
} from "../../lib/names.js";
import { enqueue } from "../../lib/uploads.js";
import { field, formDialog, nameInput } from "../../parts/form_dialog.js";

/**
 * @param {File} file
 * @param {string} common  name of a dataset that all files are of
 */
function makeRow(file, common) {
  const name = nameInput(common || datasetFromFile(file.name));
  const split = h("input", {
    type: "text",
    value: splitFromFile(file.name),
    pattern: NAME_PATTERN,
    maxlength: 63,
    placeholder: "none",
    spellcheck: "false",
  });
  const check = () => {
    name.setCustomValidity(name.value ? nameProblem(name.value, "dataset") : "");
  };
  name.addEventListener("input", check);
  check();
  const element = h(
    "fieldset",
    { class: "new-dataset" },
    h("legend", null, file.name, h("small", null, ` ${bytes(file.size)}`)),
    field("Dataset", name),
    field("Split", split, "train, val … of its images; may be empty"),
  );
  return { file, name, split, element };
}

/**
 * Asks for names and splits, and sends the files. Files with the same name become one dataset.
 * @param {File[]} files
 */
export function addDatasets(files) {
  const common = files.length > 1 ? commonDataset(files.map((file) => file.name)) : "";
  const rows = files.map((file) => makeRow(file, common));
  formDialog({
    title: files.length > 1 ? "New datasets" : "New dataset",
    fields: [
      ...rows.map((row) => row.element),
      rows.length > 1 &&
        h(
          "p",
          { class: "soft" },
          "Files with the same name become one dataset, one after another.",
        ),
    ],
    does: "Import",
    run: async () => {
      /** @type {Map<string, import("../../lib/uploads.js").Upload>} */
      const last = new Map();
      for (const { file, name, split } of rows) {
        const dataset = name.value;
        const after = last.get(dataset);
        const kind = after ? "add" : "dataset";
        const options = { split: split.value, renumber: after ? "1" : null };
        last.set(dataset, enqueue({ kind, dataset, run: "", options, file, after }));
      }
    },
  });
}
