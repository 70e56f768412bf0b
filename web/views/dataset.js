/** One dataset: what is in it, what is wrong with it, its runs, files and pictures. */
import { addressOf } from "../lib/address.js";
import { datasetPath, read } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { go, reload } from "../lib/router.js";
import { copyBox, curlLine, sqlText } from "../parts/copy.js";
import { showWhenLoaded } from "../parts/states.js";
import { thumbnail } from "../parts/thumbnail.js";
import {
  cloneDataset,
  deleteDataset,
  isGone,
  renameDataset,
  tellProblem,
} from "./dataset/actions.js";
import { healthSection } from "./dataset/health.js";
import {
  countsList,
  exportsList,
  fileFacts,
  importedWords,
  sendFileOf,
  splitsAndSlices,
} from "./dataset/parts.js";
import { picturesSection } from "./dataset/pictures.js";
import { loadRuns, runsTable } from "./dataset/runs.js";
import { uploadList } from "./import/card.js";
import { skippedTable } from "./import/outcome.js";

/**
 * @typedef {import("../lib/router.js").Page} Page
 * @typedef {import("../lib/api.js").Schemas} Schemas
 */

/** Pictures in the strip. */
const PICTURES = 12;

/** @param {Page} page */
export async function show(page) {
  const { dataset, root, signal } = page;
  page.title(dataset);
  /** @type {Schemas["Dataset"]} */
  const shown = await read(datasetPath(dataset), {}, signal);
  followChanges(shown, signal);
  root.append(
    head(shown),
    uploadList((upload) => upload.dataset === shown.name, signal, reloadIfDone),
    part("", "6rem", signal, () => strip(shown.name, signal)),
    h("section", { class: "card" }, countsList(shown, true), importedWords(shown), skipped(shown)),
    part("Runs", "14rem", signal, async () =>
      runsTable(shown.name, await loadRuns(shown.name, signal)),
    ),
    h(
      "div",
      { class: "dataset-parts" },
      part("Health", "14rem", signal, async () =>
        healthSection(shown.name, await read(datasetPath(shown.name, "health"), {}, signal)),
      ),
      part("Splits and slices", "14rem", signal, async () =>
        splitsAndSlices(shown.name, await read(datasetPath(shown.name, "facets"), {}, signal)),
      ),
      card("Pictures", picturesSection(shown.name, shown.pictures, reload)),
      card("Files", exportsList(shown.name)),
    ),
    fileFacts(shown),
    copyBox(() => lines(shown)),
  );
}

/**
 * Another window may have changed the dataset meanwhile.
 * @param {Schemas["Dataset"]} shown
 * @param {AbortSignal} signal
 */
function followChanges(shown, signal) {
  const look = async () => {
    if (document.hidden || document.querySelector("dialog")) return;
    try {
      const now = await read(datasetPath(shown.name), {}, signal);
      if (JSON.stringify(now) !== JSON.stringify(shown)) reload();
    } catch (error) {
      if (!signal.aborted && isGone(error)) reload();
    }
  };
  addEventListener("focus", look, { signal });
  document.addEventListener("visibilitychange", look, { signal });
}

/** @param {import("../lib/uploads.js").Upload} upload */
function reloadIfDone(upload) {
  if (upload.state === "done" && !upload.options.dry_run) reload();
}

/** @param {Schemas["Dataset"]} dataset */
function head(dataset) {
  const { name } = dataset;
  const remove = async () => {
    try {
      if (await deleteDataset(name)) go(addressOf("datasets"), "replace");
    } catch (error) {
      tellProblem(error);
    }
  };
  return h(
    "div",
    { class: "head" },
    h("h1", null, name),
    h(
      "div",
      { class: "buttons end" },
      h(
        "a",
        { class: "button primary", href: addressOf("import", null, { dataset: name }) },
        "Import results",
      ),
      h("button", { onclick: () => sendFileOf(name, "add") }, "Add a file"),
      h("button", { onclick: () => sendFileOf(name, "replace") }, "Replace"),
      h("button", { onclick: () => renameDataset(name) }, "Rename"),
      h("button", { onclick: () => cloneDataset(name) }, "Copy"),
      h("button", { onclick: remove }, "Delete"),
    ),
  );
}

/**
 * @param {string} title
 * @param {import("../lib/dom.js").Children} content
 */
function card(title, content) {
  return h("section", { class: "card" }, h("h2", null, title), content);
}

/**
 * A part that is loaded on its own, so that a slow one holds up no other.
 * @param {string} title
 * @param {string} height
 * @param {AbortSignal} signal
 * @param {() => Promise<import("../lib/dom.js").Children>} load
 */
function part(title, height, signal, load) {
  const body = h("div", { class: "part" });
  void showWhenLoaded(body, load, signal, height);
  return title ? h("section", { class: "card" }, h("h2", null, title), body) : body;
}

/**
 * @param {string} dataset
 * @param {AbortSignal} signal
 */
async function strip(dataset, signal) {
  /** @type {Schemas["Images"]} */
  const { images } = await read(datasetPath(dataset, "images"), { limit: PICTURES }, signal);
  return h(
    "div",
    { class: "wide-strip" },
    images.map((image) =>
      h(
        "a",
        { href: addressOf("images", dataset, { image: String(image.image_id) }) },
        thumbnail(image, signal),
      ),
    ),
  );
}

/** @param {Schemas["Dataset"]} dataset */
function skipped(dataset) {
  if (!dataset.skipped?.length) return null;
  return h("div", null, h("h3", null, "Skipped rows of its file"), skippedTable(dataset.skipped));
}

/** @param {Schemas["Dataset"]} dataset */
function lines(dataset) {
  const { id, name } = dataset;
  return [
    { title: "This dataset", text: curlLine(datasetPath(name)) },
    { title: "Its runs", text: curlLine(datasetPath(name, "runs")) },
    { title: "Its health", text: curlLine(datasetPath(name, "health")) },
    {
      title: "Its runs as rows",
      text:
        "select run_name, prediction_count, skipped_count\nfrom coco.runs\n" +
        `where dataset = ${sqlText(name)};`,
    },
    {
      title: "Its annotations as rows",
      text:
        "select image_id, category_id, bbox_x, bbox_y, bbox_w, bbox_h\nfrom coco.annotations\n" +
        `where dataset_id = ${id} and source = 'ground_truth'\nlimit 100;`,
    },
  ];
}
