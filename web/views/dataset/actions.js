/** What changes a dataset: another name, a copy, its end. */
import { addressOf } from "../../lib/address.js";
import { datasetPath, Problem, read, send } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";
import { go, reload } from "../../lib/router.js";
import { confirmLoss, notify, notifyProblem } from "../../parts/dialog.js";
import { field, formDialog, nameInput } from "../../parts/form_dialog.js";

/** @typedef {import("../../lib/api.js").Schemas} Schemas */

/** Runs that a confirmation names; the others are counted. */
const NAMED = 12;

/**
 * Says what went wrong. Where something is gone that another window has deleted, the view is shown
 * anew.
 * @param {unknown} error
 */
export function tellProblem(error) {
  notifyProblem(error);
  if (isGone(error)) reload();
}

/** @param {unknown} error */
export function isGone(error) {
  return error instanceof Problem && error.status === 404;
}

/** As it is now, not as it was when the view was shown. @param {string} name */
async function whatGoes(name) {
  const [dataset, { runs }] = await Promise.all([
    /** @type {Promise<Schemas["Dataset"]>} */ (read(datasetPath(name))),
    /** @type {Promise<Schemas["Runs"]>} */ (read(datasetPath(name, "runs"))),
  ]);
  const named = runs.slice(0, NAMED);
  const more = dataset.run_count - named.length;
  return [
    h("p", null, `These go, for good:`),
    h(
      "ul",
      null,
      h("li", null, counted(dataset.image_count, "image"), " (the files of pictures stay)"),
      h(
        "li",
        null,
        `${counted(dataset.annotation_count, "annotation")} of ` +
          `${counted(dataset.category_count, "class", "classes")}`,
      ),
      named.map((run) =>
        h("li", null, `run ${run.run_name}: ${counted(run.prediction_count, "prediction")}`),
      ),
      more > 0 && h("li", null, `${count(more)} more runs`),
      h("li", null, "slices, evaluations and what is said about runs"),
    ),
  ];
}

/**
 * Asks, and deletes a dataset. Whether it is gone.
 * @param {string} name
 */
export async function deleteDataset(name) {
  const words = await whatGoes(name);
  if (!(await confirmLoss(`Delete ${name}?`, words, "Delete"))) return false;
  await send("DELETE", datasetPath(name));
  notify(`${name} is deleted`);
  return true;
}

/** @param {string} dataset */
export function renameDataset(dataset) {
  const name = nameInput(dataset);
  formDialog({
    title: `Rename ${dataset}`,
    fields: [field("Name", name, "Links to the old name lead nowhere afterwards.")],
    does: "Rename",
    run: async () => {
      await send("PATCH", datasetPath(dataset), { name: name.value });
      go(addressOf("dataset", name.value), "replace");
    },
  });
}

/** @param {string} dataset */
export function cloneDataset(dataset) {
  const name = nameInput(`${dataset}-copy`);
  const runs = h("input", { type: "checkbox", checked: true });
  formDialog({
    title: `Copy ${dataset}`,
    fields: [
      field("Name of the copy", name),
      h("label", null, runs, " with its runs"),
      h("p", { class: "soft" }, "Slices and pictures come along; evaluations are made again."),
    ],
    does: "Copy",
    busy: "the server copies the rows",
    run: async () => {
      const query = new URLSearchParams({ name: name.value, runs: runs.checked ? "1" : "0" });
      await send("POST", `${datasetPath(dataset, "clone")}?${query}`);
      go(addressOf("dataset", name.value));
    },
  });
}
