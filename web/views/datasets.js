/** All datasets: cards, and a place to drop the ground truth of another one. */
import { datasetPath, read } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { count, counted } from "../lib/format.js";
import { choice } from "../parts/controls.js";
import { copyBox, curlLine } from "../parts/copy.js";
import { dropZone } from "../parts/drop.js";
import { loading, problemBox } from "../parts/states.js";
import { addDatasets } from "./datasets/add.js";
import { datasetCard } from "./datasets/card.js";
import { uploadList } from "./import/card.js";

/**
 * @typedef {import("../lib/router.js").Page} Page
 * @typedef {import("../lib/api.js").Schemas["DatasetSummary"]} Dataset
 */

/** From so many on there are boxes to search and sort. */
const MANY = 7;
/** Cards that are drawn at first, and with each click on "more". */
const CARDS = 60;

/** @type {Record<string, (a: Dataset, b: Dataset) => number>} */
const ORDERS = {
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  newest: (a, b) => (b.imported_at ?? "").localeCompare(a.imported_at ?? ""),
  images: (a, b) => b.image_count - a.image_count,
  runs: (a, b) => b.run_count - a.run_count,
};

/**
 * Loads what a card shows when it comes near the window.
 * @param {AbortSignal} signal
 */
function whenSeen(signal) {
  /** @type {Map<Element, () => void>} */
  const loads = new Map();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        loads.get(target)?.();
        loads.delete(target);
      }
    },
    { rootMargin: "300px" },
  );
  signal.addEventListener("abort", () => observer.disconnect());
  return (/** @type {Element} */ element, /** @type {() => void} */ load) => {
    loads.set(element, load);
    observer.observe(element);
  };
}

/** @param {Page} page */
export async function show(page) {
  const { signal } = page;
  const query = new URLSearchParams(location.search);
  const state = { search: query.get("search") ?? "", sort: query.get("sort") ?? "name" };
  /** @type {Map<string, Dataset>} */
  const datasets = new Map();
  /** @type {WeakMap<Dataset, HTMLElement>} */
  const cards = new WeakMap();
  let drawn = CARDS;
  let next = /** @type {string | undefined} */ ("/datasets");
  const seen = whenSeen(signal);

  page.title("Datasets");
  const zone = dropZone({
    title: "Drop a ground truth here, or choose one",
    words: "a COCO file with images, categories and annotations becomes a dataset",
    signal,
    onfiles: addDatasets,
  });
  const search = h("input", {
    type: "search",
    placeholder: "name",
    "aria-label": "Search datasets by name",
    value: state.search,
    oninput: () => set({ search: search.value.trim() }),
  });
  const order = choice({
    label: "Sort by",
    value: state.sort,
    options: Object.keys(ORDERS).map((value) => ({ value, label: value })),
    onchange: (sort) => set({ sort }),
  });
  const controls = h("div", { class: "controls end" }, search, order.element);
  const note = h("p", { class: "soft", role: "status" });
  const more = h("button", { onclick: showMore }, "More datasets");
  const list = h("section", { class: "dataset-cards", "aria-label": "Datasets" }, loading("22rem"));
  page.root.append(
    h("div", { class: "head" }, h("h1", null, "Datasets"), controls),
    zone.element,
    uploadList(
      (upload) => upload.kind !== "run" && !(upload.state === "done" && !upload.file),
      signal,
      (upload) => {
        if (upload.state === "done") void refresh();
      },
    ),
    list,
    note,
    more,
    copyBox(lines),
  );

  /** @param {Partial<typeof state>} changes */
  function set(changes) {
    Object.assign(state, changes);
    page.set({ search: state.search, sort: state.sort === "name" ? "" : state.sort }, "replace");
    draw();
    if (next && needsAll()) void loadMore();
  }

  /** A search or another order is one of all datasets, not of the pages that were read. */
  const needsAll = () => Boolean(state.search) || state.sort !== "name";

  /** @param {Dataset} dataset */
  function keep(dataset) {
    const old = datasets.get(dataset.name);
    if (!old || JSON.stringify(old) !== JSON.stringify(dataset))
      datasets.set(dataset.name, dataset);
  }

  /** @param {Dataset} dataset */
  function cardOf(dataset) {
    const known = cards.get(dataset);
    if (known) return known;
    const ongone = () => {
      datasets.delete(dataset.name);
      draw();
    };
    const { element, load } = datasetCard(dataset, { signal, ongone });
    cards.set(dataset, element);
    seen(element, load);
    return element;
  }

  function showMore() {
    drawn += CARDS;
    draw();
    if (next && drawn > datasets.size) void loadMore();
  }

  function draw() {
    const all = [...datasets.values()];
    const words = state.search.toLowerCase();
    const chosen = all
      .filter((dataset) => dataset.name.toLowerCase().includes(words))
      .sort(ORDERS[state.sort] ?? ORDERS.name);
    controls.hidden = all.length < MANY && !next && !state.search;
    fill(list, chosen.slice(0, drawn).map(cardOf));
    zone.element.classList.toggle("is-slim", all.length > 0);
    more.hidden = !next && chosen.length <= drawn;
    note.textContent = all.length
      ? chosen.length < all.length
        ? `${counted(chosen.length, "dataset")} of ${count(all.length)}`
        : ""
      : "There is no dataset yet. Drop the ground truth of one above, or use curl as below.";
  }

  async function loadMore() {
    more.disabled = true;
    try {
      do {
        /** @type {import("../lib/api.js").Schemas["Datasets"]} */
        const answer = await read(next ?? "/datasets", {}, signal);
        answer.datasets.forEach(keep);
        next = answer.next;
        draw();
      } while (next && needsAll());
    } catch (error) {
      if (!signal.aborted) fill(list, problemBox(error, { again: () => void loadMore() }));
    } finally {
      more.disabled = false;
    }
  }

  async function refresh() {
    next = "/datasets";
    await loadMore();
  }

  await loadMore();
  return () => {};
}

function lines() {
  return [
    { title: "All datasets", text: curlLine("/datasets") },
    {
      title: "Add one from a file",
      text: curlLine(datasetPath("NAME"), "-T", "GROUND_TRUTH.json"),
    },
    {
      title: "The same as rows",
      text:
        "select name, image_count, annotation_count, prediction_count\nfrom coco.datasets\n" +
        "order by name;",
    },
  ];
}
