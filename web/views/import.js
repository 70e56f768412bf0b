/** Import of results: files become runs. /web/import/{token} is one import. */
import { addressOf } from "../lib/address.js";
import { datasetPath, pages } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { counted } from "../lib/format.js";
import { enqueue, lookUp, resume, watch } from "../lib/uploads.js";
import { nameChoice } from "../parts/controls.js";
import { copyBox, curlLine, shellWord } from "../parts/copy.js";
import { dropZone } from "../parts/drop.js";
import { empty, loading, problemBox } from "../parts/states.js";
import { uploadCard, uploadList } from "./import/card.js";
import { optionsFold } from "./import/options.js";
import { recentImports } from "./import/recent.js";
import { stagingList } from "./import/staging.js";

/** @typedef {import("../lib/router.js").Page} Page */
/** @typedef {import("../lib/api.js").Schemas} Schemas */

/** Names that the boxes of the form offer. */
const MOST_NAMES = 2_000;

/**
 * @template T
 * @param {string} path
 * @param {(page: any) => T[]} of
 * @param {AbortSignal} signal
 * @returns {Promise<T[]>}
 */
async function listOf(path, of, signal) {
  const list = [];
  for await (const page of pages(path, {}, signal)) {
    list.push(...of(page));
    if (list.length >= MOST_NAMES) break;
  }
  return list;
}

/** @param {Page} page */
export async function show(page) {
  if (page.place.item) return showOne(page, page.place.item);
  page.title("Import");
  page.root.append(h("h1", null, "Import results"), loading("20rem"));
  /** @type {Schemas["DatasetSummary"][]} */
  const datasets = await listOf("/datasets", (one) => one.datasets, page.signal);
  page.root.lastElementChild?.remove();
  if (datasets.length) page.root.append(form(page, datasets));
  else page.root.append(noDataset());
  page.root.append(
    uploadList(() => true, page.signal),
    recentImports(page.signal),
    copyBox(lines),
  );
  void resume(page.signal);
  return () => {}; // the query is that of the form: nothing is to be drawn anew
}

function noDataset() {
  return empty(
    "There is no dataset yet",
    "Results belong to a ground truth. ",
    h("a", { href: addressOf("datasets") }, "Add a dataset first"),
    ".",
  );
}

/**
 * @param {Page} page
 * @param {Schemas["DatasetSummary"][]} datasets
 */
function form(page, datasets) {
  const query = new URLSearchParams(location.search);
  const asked = query.get("dataset") ?? "";
  const names = datasets.map((one) => one.name);
  const box = nameChoice({
    label: "Dataset",
    value: asked || (names.length === 1 ? names[0] : ""),
    names,
    all: "choose a dataset",
    onchange: (dataset) => {
      page.set({ dataset }, "replace");
      void knowRuns();
    },
  });
  box.select.required = true;
  const trouble = h("p", { class: "bad", role: "status" });
  const options = optionsFold(query, (changes) => page.set(changes, "replace"));
  const start = h("button", { class: "primary", onclick: send }, "Import");
  const staging = stagingList({
    onchange: (files) => {
      start.disabled = files === 0;
      start.textContent = files > 1 ? `Import ${counted(files, "file")}` : "Import";
    },
  });
  const zone = dropZone({
    title: "Drop results files here, or choose them",
    words: "COCO results (.json, .jsonl, .gz, .zst), of any size; each file becomes a run",
    signal: page.signal,
    onfiles: (files) => {
      staging.add(files);
      start.focus();
    },
  });

  async function knowRuns() {
    const dataset = box.select.value;
    staging.know([]);
    fill(trouble);
    if (!dataset) return;
    try {
      const runs = await listOf(datasetPath(dataset, "runs"), (one) => one.runs, page.signal);
      if (box.select.value === dataset) staging.know(runs);
    } catch (error) {
      const isAsked = !page.signal.aborted && box.select.value === dataset;
      if (isAsked) fill(trouble, error instanceof Error ? error.message : String(error));
    }
  }

  function send() {
    if (!box.select.reportValidity() || !staging.isGood() || !options.isGood()) return;
    const dataset = box.select.value;
    // The queue is drawn newest first, so the first file of the list goes in last.
    for (const { file, run } of staging.take().reverse()) {
      enqueue({ kind: "run", dataset, run, options: options.values(), file });
    }
  }

  watch((upload) => {
    if (upload?.state === "done" && upload.dataset === box.select.value) void knowRuns();
  }, page.signal);
  void knowRuns();
  return h(
    "section",
    { class: "card import-form", "aria-label": "Files to import" },
    box.element,
    trouble,
    zone.element,
    staging.element,
    options.element,
    h("div", { class: "buttons" }, start),
  );
}

function lines() {
  const query = new URLSearchParams(location.search);
  const dataset = query.get("dataset") ?? "DATASET";
  query.delete("dataset");
  const flags = flagsOf(query);
  const path = datasetPath(dataset, "runs", "RUN") + (query.size ? `?${query}` : "");
  return [
    { title: "Import a file as a run", text: curlLine(path, "-T", "RESULTS.json") },
    {
      title: "The same at a shell of the server",
      text: ["pgcoco import run", shellWord(dataset), "RESULTS.json --name RUN", ...flags].join(
        " ",
      ),
    },
  ];
}

/**
 * The options of an import as those of the command; it has none that evaluates.
 * @param {URLSearchParams} query
 */
function flagsOf(query) {
  const flags = ["match", "category_offset", "max_skipped"].flatMap((name) => {
    const value = query.get(name);
    return value ? [`--${name.replace("_", "-")} ${shellWord(value)}`] : [];
  });
  return query.get("dry_run") === "1" ? [...flags, "--dry-run"] : flags;
}

/**
 * @param {Page} page
 * @param {string} token
 */
async function showOne(page, token) {
  page.title("Import");
  const into = h("div", { class: "uploads" }, loading("12rem"));
  page.root.append(
    h(
      "div",
      { class: "head" },
      h("h1", null, "An import"),
      h("a", { class: "button end", href: addressOf("import") }, "More imports"),
    ),
    into,
  );
  try {
    const upload = await lookUp(token, page.signal);
    const card = uploadCard(upload);
    watch((one) => {
      if (one === upload) card.draw();
    }, page.signal);
    fill(into, card.element);
  } catch (error) {
    if (!page.signal.aborted) fill(into, problemBox(error));
  }
}
