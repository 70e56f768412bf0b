/** The outcome of an import: taken, skipped with reasons, hints that a button follows, errors. */
import { addressOf } from "../../lib/address.js";
import { datasetPath, isNoAnswer, Problem, read } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { bytes, count, counted, duration, metric, placeInFile } from "../../lib/format.js";
import { datasetFromFile, splitFromFile } from "../../lib/names.js";
import { REASONS, remedies, takenSentence } from "./words.js";

/**
 * @typedef {import("../../lib/uploads.js").Upload} Upload
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("../../lib/address.js").QueryValues} QueryValues
 * @typedef {(options: QueryValues, kind?: import("../../lib/uploads.js").Kind,
 *   dataset?: string) => void} Again  sends the file again, with other options
 */

/**
 * Rows that were left out: how many by reason, and where the first ones are.
 * @param {Schemas["Skipped"]} skipped
 */
export function skippedTable(skipped) {
  if (!skipped.length) return null;
  return h(
    "div",
    { class: "skipped" },
    skipped.map((group) =>
      h(
        "details",
        { open: skipped.length === 1 },
        h(
          "summary",
          null,
          h("strong", null, `${count(group.count)} × ${group.reason}`),
          h("span", { class: "soft" }, ` ${REASONS[group.reason] ?? ""}`),
        ),
        h(
          "ul",
          null,
          (group.examples ?? []).map((one) =>
            h(
              "li",
              null,
              h("span", { class: "place" }, placeInFile(one)),
              h("span", null, one.detail),
            ),
          ),
        ),
        group.count > (group.examples?.length ?? 0) &&
          h("p", { class: "soft" }, `the first ${group.examples?.length ?? 0} are shown`),
      ),
    ),
  );
}

/**
 * Buttons that do what a sentence says.
 * @param {string} text
 * @param {Upload} upload
 * @param {Again | null} again
 */
function remedyButtons(text, upload, again) {
  const offers = remedies(text);
  if (!offers.length) return null;
  if (!upload.file || !again) {
    const query = { dataset: upload.dataset, ...offers[0].options };
    return upload.kind !== "run"
      ? null
      : h(
          "a",
          { class: "button", href: addressOf("import", null, query) },
          "Choose the file again",
        );
  }
  return offers.map((offer) =>
    h("button", { onclick: () => again({ ...upload.options, ...offer.options }) }, offer.label),
  );
}

/**
 * @param {string} hint
 * @param {Upload} upload
 * @param {Again | null} again
 */
function hintBox(hint, upload, again) {
  return h(
    "div",
    { class: "notice hint" },
    hint.split("; ").map((sentence) => h("p", null, sentence)),
    h("div", { class: "buttons" }, remedyButtons(hint, upload, again)),
  );
}

/** @param {Schemas["RunImport"]} outcome */
function evaluationLine(outcome) {
  const document = /** @type {any} */ (outcome.evaluation);
  if (!document) return null;
  if (!document.metrics) {
    return h("p", { class: "warn" }, `Not evaluated: ${document.detail ?? document.title}`);
  }
  const { AP, AP50 } = document.metrics;
  return h("p", null, `AP ${metric(AP)}, AP50 ${metric(AP50)} (${document.iou_type})`);
}

/**
 * @param {Upload} upload
 * @param {Schemas["RunImport"]} outcome
 */
function runLinks(upload, outcome) {
  const { dataset } = upload;
  const run = outcome.run_name;
  if (outcome.dry_run) return null;
  return h(
    "div",
    { class: "buttons" },
    h("a", { class: "button", href: addressOf("evaluation", dataset, { run }) }, "How it did"),
    h("a", { class: "button", href: addressOf("images", dataset, { run }) }, "Look at images"),
    h("a", { class: "button", href: addressOf("dataset", dataset) }, "Its dataset"),
  );
}

/**
 * @param {Upload} upload
 * @param {Again | null} again
 */
function runOutcome(upload, again) {
  const outcome = /** @type {Schemas["RunImport"]} */ (upload.outcome);
  const { prediction_count: taken, skipped_count: skipped, replaced_count: replaced } = outcome;
  const isDryRun = Boolean(outcome.dry_run);
  const isGood = skipped === 0 && !outcome.hint;
  return [
    h(
      "p",
      { class: `taken ${isGood ? "good" : "warn"}` },
      takenSentence({ taken, skipped, noun: "row", isDryRun }),
    ),
    isDryRun && h("p", null, "A dry run: nothing has changed."),
    replaced > 0 &&
      h(
        "p",
        null,
        `${isDryRun ? "Would replace" : "Replaced"} ${counted(replaced, "earlier row")}.`,
      ),
    outcome.hint && hintBox(outcome.hint, upload, again),
    skippedTable(outcome.skipped),
    evaluationLine(outcome),
    h("p", { class: "soft" }, `${bytes(outcome.bytes)} in ${duration(outcome.duration_ms)}`),
    isDryRun && upload.file && again
      ? h(
          "div",
          { class: "buttons" },
          h(
            "button",
            { class: "primary", onclick: () => again({ ...upload.options, dry_run: null }) },
            "Import it",
          ),
        )
      : runLinks(upload, outcome),
  ];
}

/**
 * @param {Upload} upload
 * @param {Again | null} again
 */
function datasetOutcome(upload, again) {
  const outcome = /** @type {Schemas["DatasetImport"]} */ (upload.outcome);
  const { added } = outcome;
  const images = added?.image_count ?? outcome.image_count;
  const annotations = added?.annotation_count ?? outcome.annotation_count;
  const words =
    `${added ? "Added " : ""}${counted(images, "image")} and ` +
    `${counted(annotations, "annotation")}`;
  const skipped = outcome.skipped_count ?? 0;
  return [
    h(
      "p",
      { class: `taken ${skipped || outcome.hint ? "warn" : "good"}` },
      `${words}; ${skipped ? `${count(skipped)} rows were skipped` : "no row was skipped"}.`,
    ),
    outcome.hint && hintBox(outcome.hint, upload, again),
    (outcome.notes ?? []).map((note) => h("p", null, note)),
    (outcome.runs ?? []).map((run) =>
      h("p", { class: "warn" }, `run ${run.run_name} lost ${counted(run.dropped_count, "row")}`),
    ),
    skippedTable(outcome.skipped),
    outcome.bytes !== null &&
      h("p", { class: "soft" }, `${bytes(outcome.bytes)} in ${duration(outcome.duration_ms)}`),
    h(
      "div",
      { class: "buttons" },
      h("a", { class: "button primary", href: addressOf("dataset", outcome.name) }, "Open it"),
      h(
        "a",
        { class: "button", href: addressOf("import", null, { dataset: outcome.name }) },
        "Import results",
      ),
    ),
  ];
}

/**
 * @param {Upload} upload
 * @param {Again | null} again
 */
function problemOutcome(upload, again) {
  const problem = upload.problem ?? new Problem(0, { title: "it failed" });
  const document = /** @type {Partial<Schemas["Problem"]>} */ (problem.document);
  const place = placeInFile(document);
  const losses = /** @type {any[]} */ (document.runs ?? []);
  return [
    h(
      "p",
      { class: "bad" },
      h("strong", null, "Not imported: "),
      problem.message,
      place && ` (${place})`,
    ),
    h("div", { class: "buttons" }, remedyButtons(problem.message, upload, again)),
    skippedTable(document.skipped ?? []),
    losses.length > 0 &&
      h(
        "ul",
        null,
        losses.map((run) => h("li", null, `run ${run.run_name} would lose rows`)),
      ),
    otherWays(upload, problem, again),
  ];
}

/**
 * @param {Upload} upload
 * @param {Problem} problem
 * @param {Again | null} again
 */
function otherWays(upload, problem, again) {
  if (!upload.file || !again) return null;
  const buttons = [];
  if (upload.kind === "run" && problem.message.includes("look like a ground truth")) {
    const name = datasetFromFile(upload.fileName) || "dataset";
    const options = { split: splitFromFile(upload.fileName) };
    buttons.push(
      h("button", { onclick: () => again(options, "dataset", name) }, `Add it as dataset ${name}`),
    );
  }
  if (problem.code === "dataset_exists") {
    buttons.push(
      h("button", { onclick: () => again(upload.options, "replace") }, "Replace its ground truth"),
    );
  }
  if (["dataset_has_runs"].includes(problem.code)) {
    const options = { ...upload.options, force: "1" };
    buttons.push(
      h("button", { class: "danger", onclick: () => again(options, "replace") }, "Drop those rows"),
    );
  }
  if (isNoAnswer(problem) || [408, 409, 500, 503].includes(problem.status)) {
    buttons.push(h("button", { onclick: () => again(upload.options) }, "Try again"));
  }
  return h("div", { class: "buttons" }, buttons);
}

/** What is there after a cancellation. @param {Upload} upload */
function cancelledOutcome(upload) {
  const words = h("p", { class: "taken" }, "Cancelled. Nothing was imported.");
  if (upload.kind !== "run") return [words];
  const runs = /** @type {Promise<Schemas["Runs"]>} */ (read(datasetPath(upload.dataset, "runs")));
  runs
    .then(({ runs: list }) => {
      const old = list.find((one) => one.run_name === upload.run);
      if (!old) return;
      words.textContent =
        `Cancelled. The run ${upload.run} is as it was: ` +
        `${counted(old.prediction_count, "prediction")}.`;
    })
    .catch(() => {});
  return [words];
}

/**
 * @param {Upload} upload  that is over
 * @param {Again | null} again
 * @returns {import("../../lib/dom.js").Children}
 */
export function outcomeOf(upload, again) {
  if (upload.state === "cancelled") return cancelledOutcome(upload);
  if (upload.state !== "done" || !upload.outcome) return problemOutcome(upload, again).flat();
  const parts =
    "run_name" in upload.outcome ? runOutcome(upload, again) : datasetOutcome(upload, again);
  return parts.flat();
}
