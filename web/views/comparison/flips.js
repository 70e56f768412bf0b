/** Images that only one of both runs gets right, with what each does there. */
import { datasetPath, isAbort, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";
import { tile } from "./tile.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {Schemas["FlippedImages"]["images"][number]} Flipped
 * @typedef {Schemas["AnnotationsBatch"]["images"][number]} BatchImage
 */

/** Images shown at once in each direction. */
const SHOWN = 6;
/** Images whose rows are kept while the sliders move. */
const MOST_KNOWN = 300;

/**
 * How many images became right and went wrong, in words.
 * @param {Schemas["Comparison"]["flips"]} flips
 * @param {string} b
 */
function flipsText(flips, b) {
  return (
    `An image is right if every object is found and nothing else. Of ` +
    `${counted(flips.images, "image")} ${count(flips.better.count)} became right with ${b} and ` +
    `${count(flips.worse.count)} went wrong; ${count(flips.both)} are right in both runs, ` +
    `${count(flips.neither)} in neither.`
  );
}

/**
 * One direction: a list of images, more on demand.
 * @param {import("../../lib/router.js").Page} page
 * @param {string} tone
 */
function direction(page, tone) {
  const title = h("h3");
  const list = h("ul", { class: "flips" });
  const more = h("button", { hidden: true, onclick: () => void showMore() }, "Show more");
  const element = h("div", { class: `flips-side flips-${tone}` }, title, list, more);
  let images = /** @type {Flipped[]} */ ([]);
  let state = /** @type {State | null} */ (null);
  let shown = 0;
  let known = /** @type {Map<number, BatchImage>} */ (new Map()); // of these two runs
  let stop = new AbortController();
  page.signal.addEventListener("abort", () => stop.abort());

  async function showMore() {
    if (!state) return;
    const { signal } = stop;
    const wanted = state;
    const next = images.slice(shown, shown + SHOWN);
    shown += next.length;
    more.hidden = shown >= images.length;
    const made = (/** @type {Flipped} */ image) =>
      tile(page.dataset, wanted, image, known.get(image.image_id) ?? null);
    const places = new Map(next.map((image) => [image, h("li", null, made(image))]));
    list.append(...places.values());
    const unknown = next.filter((image) => !known.has(image.image_id));
    await details(unknown, wanted, signal);
    if (signal.aborted) return;
    for (const image of unknown) fill(/** @type {HTMLElement} */ (places.get(image)), made(image));
  }

  /**
   * @param {Flipped[]} wanted
   * @param {State} now
   * @param {AbortSignal} signal
   */
  async function details(wanted, now, signal) {
    if (!wanted.length) return;
    element.setAttribute("aria-busy", "true");
    try {
      /** @type {Schemas["AnnotationsBatch"]} */
      const batch = await read(
        datasetPath(page.dataset, "annotations", "batch"),
        {
          image_ids: wanted.map((image) => String(image.image_id)),
          source: ["ground_truth", now.a, now.b],
        },
        signal,
      );
      if (!signal.aborted) for (const image of batch.images) known.set(image.image_id, image);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) more.hidden = true;
    } finally {
      if (!signal.aborted) element.removeAttribute("aria-busy");
    }
  }

  return {
    element,
    /**
     * @param {string} words
     * @param {Schemas["FlippedImages"]} flipped
     * @param {State} next
     */
    update(words, flipped, next) {
      stop.abort();
      stop = new AbortController();
      element.removeAttribute("aria-busy");
      images = flipped.images;
      if (state?.a !== next.a || state.b !== next.b || known.size > MOST_KNOWN) known = new Map();
      state = next;
      shown = 0;
      fill(title, words);
      fill(list, !images.length && h("li", { class: "soft" }, "none"));
      void showMore();
    },
  };
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @returns {import("./parts.js").Part}
 */
export function flipsPart(page) {
  const words = h("p", { class: "versus-lead" });
  const better = direction(page, "better");
  const worse = direction(page, "worse");
  const keys = h("div", { class: "flips-legend soft" });
  const element = h(
    "section",
    { class: "card versus-flips" },
    h("h2", null, "Images that flipped"),
    words,
    keys,
    h("div", { class: "flips-sides" }, better.element, worse.element),
  );
  return {
    element,
    live(document, state) {
      const { flips, a, b } = document;
      fill(words, flipsText(flips, b.run));
      fill(keys, legend(state));
      better.update(`Only ${b.run} is right: ${count(flips.better.count)}`, flips.better, state);
      worse.update(`Only ${a.run} is right: ${count(flips.worse.count)}`, flips.worse, state);
    },
  };
}

/** @param {State} state */
function legend(state) {
  const entry = (/** @type {string} */ name, /** @type {string} */ words) =>
    h("span", null, h("span", { class: `flip-key ${name}`, "aria-hidden": "true" }), words);
  if (state.kind !== "bbox") {
    return [entry("flip-truth", "ground truth"), entry("flip-detection", "detection")];
  }
  return [
    entry("flip-hit", "object found"),
    entry("flip-wrong", "false detection"),
    entry("flip-missed", "object missed"),
  ];
}
