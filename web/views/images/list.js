/**
 * The list of images, of which only some pages are held. All images by their ids can be asked for
 * at any place; a filtered list is walked from page to page, and pages that are let go of are read
 * again from where they began.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Partial<Schemas["ListedImage"]> & {image_id: number, file_name: string | null,
 *   count?: number, errors?: number}} ListImage
 * @typedef {{start: number, count: number, address: string, images: ListImage[] | null}} ListPage
 * @typedef {{images: ListImage[], next?: string | null, total?: number | null,
 *   total_is_estimate?: boolean}} ListDocument
 */
import { queryText } from "../../lib/address.js";
import { isAbort, read } from "../../lib/api.js";

/** Images of a page, and pages that are held: at most 6,000 images. */
const PAGE = 100;
const MOST_PAGES = 60;

/**
 * @param {object} options
 * @param {import("./state.js").Request} options.request
 * @param {number | null} options.total  the number of images, where any place can be asked for
 * @param {(error?: unknown) => void} options.onchange  something was read
 * @param {AbortSignal} options.signal
 */
export function createList({ request, total, onchange, signal }) {
  const pages = /** @type {ListPage[]} */ ([]);
  const used = new Set(/** @type {ListPage[]} */ ([])); // held, the last used ones last
  const isDirect = total !== null;
  let end = /** @type {string | null} */ (null); // where an unread page begins
  let told = /** @type {number | null} */ (total);
  let isEstimate = false;
  let busy = /** @type {Promise<void> | null} */ (null);
  let wanted = 0;
  let failed = /** @type {unknown} */ (null);

  if (isDirect) {
    for (let start = 0; start < total; start += PAGE) {
      const query = { ...request.query, limit: PAGE, at: start + 1 };
      const count = Math.min(PAGE, total - start);
      pages.push({ start, count, address: request.path + queryText(query), images: null });
    }
  } else {
    end = request.path + queryText({ ...request.query, limit: PAGE });
  }

  /** Images that are known to be there. */
  const known = () => {
    const last = pages[pages.length - 1];
    return last ? last.start + last.count : 0;
  };

  /** @param {number} index */
  function pageOf(index) {
    if (index < 0 || index >= known()) return null;
    let [low, high] = [0, pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (pages[middle].start <= index) low = middle;
      else high = middle - 1;
    }
    return pages[low];
  }

  /** @param {ListPage} page */
  function touch(page) {
    used.delete(page);
    used.add(page);
    for (const oldest of used) {
      if (used.size <= MOST_PAGES) break;
      oldest.images = null;
      used.delete(oldest);
    }
  }

  /** @param {ListPage} page */
  async function fill(page) {
    const document = /** @type {ListDocument} */ (await read(page.address, {}, signal));
    page.images = document.images.slice(0, page.count);
    touch(page);
  }

  async function append() {
    const address = /** @type {string} */ (end);
    const document = /** @type {ListDocument} */ (await read(address, {}, signal));
    if (pages.length === 0 && document.total !== undefined) {
      told = document.total ?? null;
      isEstimate = document.total_is_estimate ?? false;
    }
    end = document.next ?? null;
    if (document.images.length) {
      const page = { start: known(), count: document.images.length, address, images: null };
      pages.push(page);
      /** @type {ListPage} */ (page).images = document.images;
      touch(page);
    }
    if (end === null) {
      told = known();
      isEstimate = false;
    }
  }

  /** Reads until the place that was asked for last is there. */
  async function work() {
    for (;;) {
      const page = pageOf(wanted);
      if (page?.images) return;
      if (page) await fill(page);
      else if (end !== null) await append();
      else return;
      onchange();
    }
  }

  /** @param {number} index */
  function want(index) {
    wanted = index;
    if (failed || signal.aborted) return Promise.resolve();
    busy ??= work()
      .catch((error) => {
        if (isAbort(error)) return;
        failed = error;
        onchange(error);
      })
      .finally(() => (busy = null));
    return busy;
  }

  return {
    /** @param {number} index */
    get(index) {
      const page = pageOf(index);
      return page?.images?.[index - page.start] ?? null;
    },
    /** Asks for what is at these places; onchange tells. */
    need(/** @type {number} */ from, /** @type {number} */ to) {
      for (let i = from; i < to; i += 1) {
        const page = pageOf(i);
        if (page?.images) {
          touch(page);
          i = page.start + page.count - 1;
        } else if (page || end !== null) {
          void want(i);
          return;
        } else return;
      }
    },
    /** What failed may be asked for again. */
    tryAgain() {
      failed = null;
    },
    /** The image at a place, once it is there; null beyond the end. */
    async at(/** @type {number} */ index) {
      await want(index);
      if (!this.get(index) && (pageOf(index) || end !== null) && !failed) await want(index);
      return this.get(index);
    },
    /**
     * The place of an image, or null where it is not found within a bound.
     * @param {number} id
     */
    async indexOf(id) {
      for (const page of used) {
        const at = page.images?.findIndex((image) => image.image_id === id) ?? -1;
        if (at >= 0) return page.start + at;
      }
      if (isDirect) return searchIds(id);
      for (let seen = 0; seen < 3000 && end !== null && !failed; seen += PAGE) {
        const before = known();
        await this.at(before);
        for (let i = before; i < known(); i++) if (this.get(i)?.image_id === id) return i;
      }
      return null;
    },
    get length() {
      return known();
    },
    get hasMore() {
      return end !== null && !failed;
    },
    get total() {
      return told;
    },
    get isEstimate() {
      return isEstimate;
    },
    get held() {
      return used.size * PAGE;
    },
  };

  /** Ids ascend from page to page: about 10 requests of one page. @param {number} id */
  async function searchIds(/** @type {number} */ id) {
    let [low, high] = [0, pages.length - 1];
    while (low <= high) {
      const page = pages[(low + high) >> 1];
      if (!page.images) await fill(page);
      const images = /** @type {ListImage[]} */ (/** @type {unknown} */ (page.images));
      if (images.length === 0) return null;
      if (id < images[0].image_id) high = ((low + high) >> 1) - 1;
      else if (id > images[images.length - 1].image_id) low = ((low + high) >> 1) + 1;
      else {
        const at = images.findIndex((image) => image.image_id === id);
        return at < 0 ? null : page.start + at;
      }
    }
    return null;
  }
}

/** @typedef {ReturnType<typeof createList>} ImageList */
