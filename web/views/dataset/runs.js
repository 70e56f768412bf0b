/** The runs of a dataset: a table, with what can be done to each. */
import { addressOf } from "../../lib/address.js";
import { datasetPath, pages, read, send } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted, metric, when } from "../../lib/format.js";
import { nameProblem } from "../../lib/names.js";
import { reload } from "../../lib/router.js";
import { confirmLoss, notify, openDialog } from "../../parts/dialog.js";
import { downloadLink } from "../../parts/download.js";
import { field, formDialog, nameInput } from "../../parts/form_dialog.js";
import { loading, problemBox } from "../../parts/states.js";
import { sortableTable } from "../../parts/table.js";
import { skippedTable } from "../import/outcome.js";
import { takenSentence } from "../import/words.js";
import { tellProblem } from "./actions.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["Run"] & {AP: number | null}} Row
 */

/** Runs that are listed; a dataset with more has its leaderboard. */
const MOST = 2_000;

/**
 * @param {string} dataset
 * @param {AbortSignal} signal
 * @returns {Promise<Row[]>}
 */
export async function loadRuns(dataset, signal) {
  const rows = [];
  for await (const page of pages(datasetPath(dataset, "runs"), {}, signal)) {
    rows.push(.../** @type {Schemas["Runs"]} */ (/** @type {unknown} */ (page)).runs);
    if (rows.length >= MOST) break;
  }
  if (!rows.length) return [];
  /** @type {Schemas["Leaderboard"]} */
  const board = await read(datasetPath(dataset, "leaderboard"), {}, signal);
  const values = new Map(board.runs.map((run) => [run.run_name, run.value]));
  return rows.map((run) => ({ ...run, AP: values.get(run.run_name) ?? null }));
}

/** @param {Row} run */
function renameRun(run) {
  const name = nameInput(run.run_name);
  name.addEventListener("input", () => name.setCustomValidity(nameProblem(name.value, "run")));
  formDialog({
    title: `Rename ${run.run_name}`,
    fields: [field("Name", name, "Its evaluations, and what is said about it, follow.")],
    does: "Rename",
    busy: "the server copies the rows",
    run: async () => {
      await send("PATCH", datasetPath(run.dataset, "runs", run.run_name), { name: name.value });
      reload();
    },
  });
}

/** @param {Row} run */
function cloneRun(run) {
  const name = nameInput(`${run.run_name}-copy`);
  formDialog({
    title: `Copy ${run.run_name}`,
    fields: [field("Name of the copy", name)],
    does: "Copy",
    busy: "the server copies the rows",
    run: async () => {
      const query = new URLSearchParams({ name: name.value });
      await send("POST", `${datasetPath(run.dataset, "runs", run.run_name, "clone")}?${query}`);
      reload();
    },
  });
}

/** @param {Row} run */
function describeRun(run) {
  // A list has the first 1,000 characters of the notes.
  const path = datasetPath(run.dataset, "runs", run.run_name);
  const notes = h("textarea", { rows: 5, disabled: true });
  const tags = h("input", { type: "text", value: run.tags.join(", ") });
  formDialog({
    title: `About ${run.run_name}`,
    fields: [field("Notes", notes), field("Tags", tags, "with commas between them")],
    does: "Save",
    run: async () => {
      const list = tags.value
        .split(",")
        .map((tag) => tag.trim())
        .filter(Boolean);
      await send("PATCH", path, { notes: notes.value || null, tags: list.length ? list : null });
      reload();
    },
  });
  read(path)
    .then((document) => {
      notes.value = /** @type {Schemas["Run"]} */ (document).notes ?? "";
      notes.disabled = false;
      notes.focus();
    })
    .catch((error) => notify(error.message));
}

/** What goes is told as it is now, not as it was when the table was shown. @param {Row} run */
async function deleteRun({ dataset, run_name: name }) {
  const path = datasetPath(dataset, "runs", name);
  try {
    const { prediction_count: number } = /** @type {Schemas["Run"]} */ (await read(path));
    const words = h(
      "p",
      null,
      `Its ${counted(number, "prediction")} go for good, and what is said about it. `,
      "The ground truth and other runs stay.",
    );
    if (!(await confirmLoss(`Delete run ${name}?`, words, "Delete"))) return;
    await send("DELETE", path);
    notify(`run ${name} is deleted`);
    reload();
  } catch (error) {
    tellProblem(error);
  }
}

/** Why rows of a run's file were left out, and where they are. @param {Row} run */
async function showSkipped(run) {
  const body = h("div", { class: "skipped-rows" }, loading("8rem"));
  openDialog(`Skipped rows of ${run.run_name}`, body);
  try {
    /** @type {Schemas["Run"]} */
    const document = await read(datasetPath(run.dataset, "runs", run.run_name));
    const { prediction_count: taken, skipped_count: skipped } = document;
    const sentence = takenSentence({ taken, skipped, noun: "row", isDryRun: false });
    fill(body, h("p", null, sentence), skippedTable(document.skipped));
  } catch (error) {
    fill(body, problemBox(error));
  }
}

/** @param {Row} run */
function actions(run) {
  const { run_name: name, dataset } = run;
  const named = (/** @type {string} */ does) => [does, h("span", { class: "unseen" }, ` ${name}`)];
  return h(
    "div",
    { class: "row-actions" },
    h("a", { href: addressOf("images", dataset, { run: name }) }, ...named("images")),
    h("a", { href: addressOf("evaluation", dataset, { run: name }) }, ...named("evaluation")),
    downloadLink(datasetPath(dataset, "runs", name, "predictions"), named("download")),
    h("button", { class: "link", onclick: () => describeRun(run) }, ...named("notes")),
    h("button", { class: "link", onclick: () => renameRun(run) }, ...named("rename")),
    h("button", { class: "link", onclick: () => cloneRun(run) }, ...named("copy")),
    h("button", { class: "link bad", onclick: () => deleteRun(run) }, ...named("delete")),
  );
}

/** @param {Row} run */
function about(run) {
  return [
    run.tags.map((tag) => h("span", { class: "chip" }, tag)),
    run.notes && h("span", { class: "soft notes", title: run.notes }, run.notes),
  ].flat();
}

/**
 * @param {string} dataset
 * @param {Row[]} rows
 */
export function runsTable(dataset, rows) {
  const best = [...rows].sort((a, b) => (b.AP ?? -1) - (a.AP ?? -1)).slice(0, 2);
  const compare = best.length === 2 && {
    run: best[1].run_name,
    with: best[0].run_name,
  };
  const table = sortableTable({
    caption: `Runs of ${dataset}`,
    rows,
    sort: { column: 1, down: true },
    columns: [
      {
        title: "Run",
        by: (run) => run.run_name,
        show: (run) =>
          h("a", { href: addressOf("evaluation", dataset, { run: run.run_name }) }, run.run_name),
      },
      {
        title: "AP",
        number: true,
        explain: "COCO's AP of boxes, where the run is evaluated",
        by: (run) => run.AP,
        show: (run) =>
          run.AP === null
            ? h(
                "a",
                { href: addressOf("evaluation", dataset, { run: run.run_name }) },
                "evaluate",
                h("span", { class: "unseen" }, ` ${run.run_name}`),
              )
            : metric(run.AP),
      },
      {
        title: "Predictions",
        number: true,
        by: (run) => run.prediction_count,
        show: (run) => count(run.prediction_count),
      },
      {
        title: "Skipped",
        number: true,
        explain: "Rows of its file that could not be taken",
        by: (run) => run.skipped_count,
        show: (run) =>
          run.skipped_count
            ? h(
                "button",
                { class: "link warn", onclick: () => void showSkipped(run) },
                count(run.skipped_count),
                h("span", { class: "unseen" }, ` skipped rows of ${run.run_name}`),
              )
            : count(run.skipped_count),
      },
      { title: "Imported", by: (run) => run.imported_at, show: (run) => when(run.imported_at) },
      { title: "Notes", show: about },
      { title: "Actions", show: actions },
    ],
  });
  const buttons = h(
    "div",
    { class: "buttons" },
    h("a", { class: "button", href: addressOf("import", null, { dataset }) }, "Import results"),
    compare &&
      h(
        "a",
        { class: "button", href: addressOf("comparison", dataset, compare) },
        `Compare ${compare.run} with ${compare.with}`,
      ),
    rows.length > 1 &&
      h("a", { class: "button", href: addressOf("leaderboard", dataset) }, "Leaderboard"),
  );
  if (!rows.length) {
    return [
      h("p", { class: "soft" }, "There is no run yet: a run is what a detector found."),
      buttons,
    ];
  }
  return [table, buttons];
}
