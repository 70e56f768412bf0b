/** Images with most errors, and suspected errors of the ground truth, as pictures that lead on. */
import { datasetPath, read } from "../../lib/api.js";
import { outcomeColor } from "../../lib/color.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted, metric } from "../../lib/format.js";
import { outcomeName } from "../../lib/outcomes.js";
import { cutName } from "../../lib/names.js";
import { card } from "../../parts/card.js";
import { empty, loading, problemBox } from "../../parts/states.js";
import { thumbnail } from "../../parts/thumbnail.js";
import { evaluationQuery, imagesAddress, overlapQuery, runPath } from "./state.js";
import { ERROR_TYPES } from "./words.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["ListedImage"]} ListedImage
 * @typedef {Record<string, number>} Types
 */

const SHOWN = 12;

/** @param {Types} types */
function typeList(types) {
  return h(
    "span",
    { class: "types" },
    ERROR_TYPES.filter((type) => types[type] > 0)
      .sort((a, b) => types[b] - types[a])
      .slice(0, 3)
      .map((type) =>
        h(
          "span",
          { title: outcomeName(type) },
          h("span", { class: "swatch", style: { background: outcomeColor(type) } }),
          `${count(types[type])} ${outcomeName(type)}`,
        ),
      ),
  );
}

/**
 * @param {State} state
 * @param {{id: number | string, file: string, picture?: string | null}} image
 * @param {AbortSignal} signal
 * @param {...import("../../lib/dom.js").Children} words
 */
function shot(state, image, signal, ...words) {
  const href = imagesAddress(state, { image: String(image.id), color: "outcome" });
  return h(
    "li",
    null,
    h(
      "a",
      { href, class: "shot" },
      thumbnail(image, signal, false),
      h(
        "span",
        { class: "shot-words" },
        h("strong", { title: image.file }, cutName(image.file)),
        ...words,
      ),
    ),
  );
}

/**
 * @param {State} state
 * @param {AbortSignal} signal
 */
export function worstImages(state, signal) {
  const box = h("div", null, loading("14rem"));
  const element = card(
    {
      id: "images",
      title: "Worst images",
      end: h(
        "a",
        { href: imagesAddress(state, { source: state.run, sort: "-errors", color: "outcome" }) },
        "all, those with most errors first",
      ),
    },
    h(
      "p",
      { class: "soft" },
      "By the number of errors at IoU 0.50 and scores from 0.25.",
      overlapQuery(state).sigmas &&
        " Errors are kept with the sigmas of the first look at them, until the run or the ground " +
          "truth is imported again.",
    ),
    box,
  );
  async function load() {
    try {
      /** @type {Schemas["ErrorImages"]} */
      const errors = await read(
        runPath(state, "errors", "images"),
        { limit: SHOWN, ...evaluationQuery(state) },
        signal,
      );
      const known = new Map(errors.images.map((one) => [one.image_id, one]));
      const worst = await withPictures(state, errors.images, signal);
      const cards = worst.map((image) => {
        const found = known.get(image.image_id);
        const id = image.text_id ?? image.image_id;
        return shot(
          state,
          { ...image, id, file: image.file_name ?? String(id) },
          signal,
          h("span", null, counted(image.errors ?? 0, "error")),
          found && "types" in found ? typeList(/** @type {Types} */ (found.types)) : null,
        );
      });
      fill(box, cards.length ? h("ul", { class: "shots" }, cards) : empty("No image has an error"));
    } catch (error) {
      if (!signal.aborted) fill(box, problemBox(error));
    }
  }
  return { element, load };
}

/**
 * Images of the list of errors, with what only the image itself has.
 * @param {State} state
 * @param {Schemas["ErrorImages"]["images"]} rows
 * @param {AbortSignal} signal
 * @returns {Promise<ListedImage[]>}
 */
async function withPictures(state, rows, signal) {
  const ids = rows.map((row) => row.image_id);
  const found = await picturesOf(state, ids, signal);
  return rows.flatMap((row) => {
    const image = found.get(row.image_id);
    return image ? { ...image, errors: "errors" in row ? row.errors : 0 } : [];
  });
}

/**
 * @param {State} state
 * @param {AbortSignal} signal
 * @param {(number: number, hasMore: boolean) => void} oncount
 */
export function labelErrors(state, signal, oncount) {
  const box = h("div", null, loading("8rem"));
  const element = card(
    { id: "labels", title: "Suspected errors of the ground truth" },
    h(
      "p",
      { class: "soft" },
      "Detections with a score of 0.7 or more, on an object of another class or on nothing: the " +
        "run may be wrong, or the label.",
      state.split || state.slice ? " Of the chosen images alone." : "",
    ),
    box,
  );
  /** @param {Schemas["ErrorRow"]} row */
  function words(row) {
    const what = row.category ?? "?";
    const truth = row.truth_category;
    const where = truth
      ? `labelled ${cutName(truth)} (IoU ${metric(row.iou, 2)})`
      : "no label there";
    return [
      h("span", { title: what }, `${cutName(what)} ${metric(row.confidence, 2)}`),
      h("span", { class: "soft", title: truth }, where),
    ];
  }
  async function load() {
    try {
      /** @type {Schemas["LabelErrors"]} */
      const list = await read(
        runPath(state, "errors", "labels"),
        { limit: SHOWN, ...evaluationQuery(state) },
        signal,
      );
      const rows = list.label_errors ?? [];
      oncount(rows.length, Boolean(list.next));
      const pictures = await picturesOf(
        state,
        rows.map((row) => row.image_id),
        signal,
      );
      const cards = rows.map((row) => {
        const image = pictures.get(row.image_id);
        const id = image?.text_id ?? row.image_id;
        return shot(
          state,
          { ...image, id, file: row.file_name ?? String(id) },
          signal,
          ...words(row),
        );
      });
      fill(box, cards.length ? h("ul", { class: "shots" }, cards) : empty("None is suspected"));
    } catch (error) {
      if (!signal.aborted) fill(box, problemBox(error));
    }
  }
  return { element, load };
}

/**
 * @param {State} state
 * @param {number[]} ids
 * @param {AbortSignal} signal
 */
async function picturesOf(state, ids, signal) {
  const ask = async (/** @type {number} */ id) => {
    /** @type {ListedImage} */
    const image = await read(datasetPath(state.dataset, "images", id), {}, signal);
    return /** @type {[number, ListedImage]} */ ([id, image]);
  };
  return new Map(await Promise.all([...new Set(ids)].map(ask)));
}
