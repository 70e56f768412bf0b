/** Images: a grid with what is drawn on them, and one of them large. */
import { addressOf, changed } from "../lib/address.js";
import { datasetPath, isAbort, read } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { count, counted } from "../lib/format.js";
import { runNames } from "../lib/names.js";
import { debounced } from "../lib/newest.js";
import { CONFIDENCE, confidenceParameter } from "../lib/point.js";
import { go } from "../lib/router.js";
import { slider } from "../parts/controls.js";
import { copyBox } from "../parts/copy.js";
import { useKeys } from "../parts/keys.js";
import { loading } from "../parts/states.js";
import { createDownloads, openSliceDialog } from "./images/actions.js";
import { createBelow } from "./images/below.js";
import { createChips, sortPart } from "./images/filters.js";
import { createGrid } from "./images/grid.js";
import { keysOf } from "./images/keys.js";
import { createLarge } from "./images/large.js";
import { createLegend } from "./images/legend.js";
import { linesOf } from "./images/lines.js";
import { createList } from "./images/list.js";
import { createOutcomesNotice } from "./images/outcomes.js";
import { createRows } from "./images/rows.js";
import { createSide } from "./images/side.js";
import { skeletonsOf } from "./images/skeleton.js";
import {
  defaultTile,
  emphasisOf,
  isWhole,
  lacksOutcomes,
  listLacksOutcomes,
  listRequest,
  sourcesOf,
  stateOf,
} from "./images/state.js";

/** @typedef {import("./images/state.js").Facets} Facets */

/** How long the address waits for a slider to rest, in milliseconds. */
const REST = 120;

/** @param {import("../lib/router.js").Page} page */
export async function show(page) {
  const { dataset, root, signal } = page;
  page.title(`Images of ${dataset}`);
  fill(root, h("h1", { class: "unseen" }, `Images of ${dataset}`), loading("70vh"));
  const path = datasetPath(dataset, "facets");
  let facets = /** @type {Facets} */ (await read(path, {}, signal));
  let state = stateOf(page.place.query, facets);
  let listStop = new AbortController();
  let rowsStop = new AbortController();
  let list = makeList();
  let rows = makeRows();
  let index = /** @type {number | null} */ (null); // of the image that is large

  const set = page.set;
  /** @type {(changes: import("../lib/address.js").QueryValues) => void} */
  const later = debounced(REST, signal, (changes) => set(changes, "replace"));
  const now = () => state;
  const known = () => runNames(facets);
  const look = () => ({ ...state, skeleton: skeletonsOf(facets), emphasis: emphasisOf(state) });

  const chips = createChips(set);
  const sort = sortPart(set);
  const legend = createLegend(set);
  const number = h("strong", { class: "images-count", "aria-live": "polite" });
  const below = createBelow({ dataset, known, again: tryAgain });
  const notice = createOutcomesNotice({ dataset, onmade: () => void renew(), signal });
  const side = createSide({ set, now, onconfidence });
  const grid = createGrid({
    list: () => list,
    rows: () => rows,
    look,
    address: (id) =>
      addressOf("images", dataset, changed(new URLSearchParams(location.search), { image: id })),
    onopen: (at) => (index = at),
  });
  const large = createLarge({
    dataset,
    known,
    now,
    look,
    thumbnailOf: grid.thumbnailOf,
    onstep: step,
    onclose: close,
    onload,
    signal,
  });
  const density = slider({
    label: "Tiles",
    value: state.tile,
    min: 72,
    max: 640,
    step: 4,
    show: (n) => `${n} px`,
    oninput: (tile) => {
      state.tile = tile;
      grid.setTile(tile);
      later({ tile: tile === defaultTile() ? null : tile });
    },
  });
  const sliceButton = h(
    "button",
    { onclick: () => openSliceDialog({ dataset, state, facets, onmade }) },
    "Make a slice",
  );
  const head = h(
    "div",
    { class: "images-head" },
    number,
    chips.element,
    h(
      "div",
      { class: "end" },
      sort.element,
      density.element,
      sliceButton,
      createDownloads(dataset, now),
    ),
  );
  const copy = copyBox(() => {
    const image = state.image === null ? null : (large.image?.image_id ?? null);
    return linesOf(dataset, facets.dataset_id, state, image);
  });
  side.setFacets(facets, legend.element);
  root.replaceChildren(
    h("h1", { class: "unseen" }, `Images of ${dataset}`),
    side.element,
    h(
      "div",
      { class: "images-main" },
      head,
      notice.element,
      below.element,
      grid.element,
      large.element,
      copy,
    ),
  );
  useKeys(keysOf({ set, now, large, step, close, onconfidence }), signal);
  addEventListener("themechange", grid.newColors, { signal });
  signal.addEventListener("abort", () => {
    listStop.abort();
    rowsStop.abort();
    grid.stop();
    large.stop();
  });
  grid.setTile(state.tile);
  showAll();
  return follow;

  function makeList() {
    listStop.abort();
    listStop = new AbortController();
    return createList({
      request: listRequest(dataset, state),
      total: isWhole(state) ? facets.image_count : listLacksOutcomes(state, facets) ? 0 : null,
      onchange: onlist,
      signal: AbortSignal.any([signal, listStop.signal]),
    });
  }

  function makeRows() {
    rowsStop.abort();
    rowsStop = new AbortController();
    return createRows({
      dataset,
      sources: sourcesOf(state),
      iouType: state.iouType,
      onrows: (ids) => {
        grid.refresh(ids);
        const { images, rows: held } = rows.size;
        Object.assign(grid.element.dataset, {
          heldImages: images,
          heldRows: held,
          heldList: list.held,
        });
      },
      onerror: (error) => below.showProblem(error),
      signal: AbortSignal.any([signal, rowsStop.signal]),
    });
  }

  /** @param {unknown} [error] */
  function onlist(error) {
    if (error) below.showProblem(error);
    grid.refresh();
    showCount();
  }

  /** What failed is asked for again; what is there stays. */
  function tryAgain() {
    below.clear();
    list.tryAgain();
    grid.tryAgain();
    showAll();
  }

  function showCount() {
    const { total, isEstimate, hasMore, length } = list;
    const all = facets.image_count;
    const words = total === null ? `${count(length)}${hasMore ? "+" : ""}` : count(total);
    const text = `${isEstimate ? "≈ " : ""}${words}`;
    number.textContent = isWhole(state)
      ? counted(all, "image")
      : `${text} of ${counted(all, "image")}`;
    large.setPlace(index, total, isEstimate);
    const isEmpty = length === 0 && !hasMore;
    const isUnknown = listLacksOutcomes(state, facets);
    grid.setHidden(state.image !== null || isEmpty);
    if (isUnknown) number.textContent = counted(all, "image");
    if (below.hasProblem) return;
    if (isUnknown || !isEmpty) below.clear();
    else if (isWhole(state)) below.showNone();
    else below.showNoneFound(state.runs);
  }

  /** Everything as the state says. */
  function showAll() {
    side.sync(state);
    sort.sync(state);
    chips.sync(state, facets);
    legend.sync(state, facets);
    density.set(state.tile);
    sliceButton.hidden = isWhole(state);
    notice.show(lacksOutcomes(state, facets), state);
    const isLarge = state.image !== null;
    head.hidden = isLarge;
    if (isLarge) {
      const id = /** @type {string} */ (state.image);
      large.show(id, listedImage(id));
    } else {
      large.hide();
    }
    showCount();
    if (!isLarge) grid.redraw();
  }

  /** What the list has at the place of the large image. @param {string} id */
  function listedImage(id) {
    const image = index === null ? null : list.get(index);
    return image && String(image.image_id) === id ? image : null;
  }

  /**
   * An image that a link led to: where it is in the list, for the next one.
   * @param {number} id
   */
  async function onload(id) {
    if (index !== null && list.get(index)?.image_id === id) return;
    const [asked, at] = [list, state.image];
    index = null;
    try {
      const found = await list.indexOf(id);
      if (state.image !== at || asked !== list) return;
      index = found;
      showCount();
    } catch (error) {
      if (!isAbort(error)) index = null;
    }
  }

  /** @param {URLSearchParams} query */
  function follow(query) {
    const before = state;
    state = stateOf(query, facets);
    const same = (/** @type {(one: typeof state) => unknown} */ of) =>
      JSON.stringify(of(before)) === JSON.stringify(of(state));
    if (!same((one) => listRequest(dataset, one))) {
      list = makeList();
      index = null;
      below.clear();
      grid.reset();
    }
    if (!same((one) => [sourcesOf(one), one.iouType])) {
      rows = makeRows();
      list.tryAgain();
      below.clear();
    }
    const wasLarge = before.image !== null;
    grid.setTile(state.tile);
    showAll();
    if (state.image !== null && index === null && large.image) void onload(large.image.image_id);
    if (wasLarge && state.image === null && index !== null) grid.focus(index);
  }

  /** Outcomes were made, or a slice: counts and rows are asked for again. */
  async function renew() {
    facets = /** @type {Facets} */ (await read(path, {}, signal));
    side.setFacets(facets, legend.element);
    list = makeList();
    rows = makeRows();
    below.clear();
    grid.reset();
    large.forget();
    showAll();
  }

  /** @param {string} slice */
  async function onmade(slice) {
    facets = /** @type {Facets} */ (await read(path, {}, signal));
    side.setFacets(facets, legend.element);
    go(addressOf("images", dataset, { run: state.runs, slice }));
  }

  /** @param {number} confidence */
  function onconfidence(confidence) {
    const isFilter = "min_confidence" in state.filters;
    state.confidence = confidence;
    if (state.image === null) grid.redraw();
    else large.redraw();
    later({
      confidence: confidenceParameter(confidence),
      ...(state.cell && { min_confidence: state.cell.confidence || CONFIDENCE }),
      ...(isFilter && !state.cell && { min_confidence: confidence }),
    });
  }

  /** @param {number} by */
  async function step(by) {
    if (state.image === null) return;
    const next = (index ?? -1) + by;
    if (next < 0) return;
    const image = await list.at(next);
    if (!image || state.image === null) return;
    index = next;
    set({ image: String(image.image_id) }, "replace");
    void list.at(next + by);
  }

  function close() {
    if (state.image !== null) set({ image: null });
  }
}
