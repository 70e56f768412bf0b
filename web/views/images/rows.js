/**
 * The annotations of images that are on the page, and of some that were. What is wanted last is
 * read first, one request at a time, in pieces that a page can take without a stutter.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["Annotation"]} Annotation
 * @typedef {{image: Schemas["AnnotationsBatch"]["images"][number], rows: Annotation[]}} Entry
 */
import { datasetPath, isAbort, read } from "../../lib/api.js";

/** What is held, and what is asked for at once. */
const MOST_ROWS = 40_000;
const MOST_IMAGES = 1_000;
const AT_ONCE = 2_000;

/**
 * @param {object} options
 * @param {string} options.dataset
 * @param {string[]} options.sources
 * @param {string} options.iouType
 * @param {(ids: number[]) => void} options.onrows  these came
 * @param {(error: unknown) => void} options.onerror
 * @param {AbortSignal} options.signal
 */
export function createRows({ dataset, sources, iouType, onrows, onerror, signal }) {
  const entries = new Map(/** @type {[number, Entry][]} */ ([])); // the last used ones last
  let held = 0;
  let wanted = /** @type {{id: number, rows: number}[]} */ ([]);
  let busy = false;
  let flight = /** @type {{ids: number[], stop: AbortController} | null} */ (null);

  /** @param {Entry} entry */
  function keep(entry) {
    const id = entry.image.image_id;
    const before = entries.get(id);
    if (before) held -= before.rows.length;
    entries.delete(id);
    entries.set(id, entry);
    held += entry.rows.length;
    for (const [oldest, { rows }] of entries) {
      if (oldest === id || (held <= MOST_ROWS && entries.size <= MOST_IMAGES)) break;
      entries.delete(oldest);
      held -= rows.length;
    }
  }

  /** The ids of the next request: some of what is wanted. */
  function nextIds() {
    const ids = /** @type {number[]} */ ([]);
    let rows = 0;
    for (const image of wanted) {
      if (entries.has(image.id)) continue;
      if (ids.length === 500 || (ids.length && rows + image.rows > AT_ONCE)) break;
      ids.push(image.id);
      rows += image.rows;
    }
    return ids;
  }

  async function work() {
    for (let ids = nextIds(); ids.length && !signal.aborted; ids = nextIds()) {
      const stop = new AbortController();
      flight = { ids, stop };
      try {
        await readBatch(ids, AbortSignal.any([stop.signal, signal]));
      } catch (error) {
        if (signal.aborted) return;
        if (!isAbort(error)) {
          onerror(error);
          return;
        }
      } finally {
        flight = null;
      }
    }
  }

  /**
   * @param {number[]} ids
   * @param {AbortSignal} stop
   */
  async function readBatch(ids, stop) {
    const query = { image_ids: ids.map(String), source: sources, iou_type: iouType };
    const document = /** @type {Schemas["AnnotationsBatch"]} */ (
      await read(datasetPath(dataset, "annotations", "batch"), query, stop)
    );
    // Those that did not fit are asked for again, if they are still wanted then.
    for (const image of document.images) keep({ image, rows: image.annotations });
    onrows(document.images.map(({ image_id }) => image_id));
  }

  return {
    /** @param {number} id */
    get(id) {
      const entry = entries.get(id);
      if (entry) {
        entries.delete(id);
        entries.set(id, entry);
      }
      return entry ?? null;
    },
    /**
     * These images are on the page now; others need not be read any more.
     * @param {{id: number, rows: number}[]} images  with about how many rows they have
     */
    want(images) {
      wanted = images;
      const isStale = flight && !flight.ids.some((id) => images.some((image) => image.id === id));
      if (isStale) flight?.stop.abort();
      if (busy || signal.aborted) return;
      busy = true;
      void work().finally(() => (busy = false));
    },
    get size() {
      return { images: entries.size, rows: held };
    },
  };
}

/** @typedef {ReturnType<typeof createRows>} Rows */

/**
 * All rows of one image, page by page, up to a bound.
 * @param {string} dataset
 * @param {string} image
 * @param {string[]} sources
 * @param {string} iouType
 * @param {AbortSignal} signal
 */
export async function readImageRows(dataset, image, sources, iouType, signal) {
  const path = datasetPath(dataset, "images", image, "annotations");
  const query = { source: sources, iou_type: iouType };
  let page = /** @type {Schemas["ImageAnnotations"]} */ (await read(path, query, signal));
  const rows = page.annotations;
  while (page.next && rows.length < 10_000) {
    page = await read(page.next, {}, signal);
    rows.push(...page.annotations);
  }
  return { image: page.image, rows, isCut: Boolean(page.next) };
}
