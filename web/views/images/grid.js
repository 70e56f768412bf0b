/**
 * A grid of images of which only the part on the screen is in the page. The scroll bar stands for
 * the whole list; arrows, Home, End and page keys go from tile to tile.
 *
 * @typedef {import("./tile.js").Tile} Tile
 * @typedef {import("./tile.js").Look} Look
 * @typedef {object} Options
 * @property {() => import("./list.js").ImageList} list
 * @property {() => import("./rows.js").Rows} rows
 * @property {() => Look} look
 * @property {(id: number) => string} address  of an image, large
 * @property {(index: number) => void} onopen
 */
import { h } from "../../lib/dom.js";
import { createTile } from "./tile.js";

const GAP = 6;
/** Browsers cannot make elements of any height. A longer list scrolls in larger steps. */
const MOST_HEIGHT = 8_000_000;
/** Rows above and below the screen that are made ready. */
const SPARE = 1;
/** What a frame may draw, in milliseconds. The rest waits for the next one. */
const FRAME = 6;
/** Beyond this speed nothing is asked for, in pixels a millisecond. */
const FAST = 6;

/** @param {Options} options */
export function createGrid({ list, rows, look, address, onopen }) {
  const space = h("ul", { class: "image-space", role: "list" });
  const element = h("div", { class: "image-grid", "aria-label": "Images", role: "region" }, space);
  const tiles = new Map(/** @type {[number, Tile][]} */ ([]));
  const spare = /** @type {Tile[]} */ ([]);
  const dirty = new Set(/** @type {Tile[]} */ ([]));
  let wish = 220;
  let [columns, width, height] = [1, 220, 165];
  let box = { width: 0, height: 0 };
  let active = 0;
  let last = { top: 0, time: 0 };
  let [frame, timer] = [0, 0];
  let blank = "#ccc";
  let kept = 0; // where it was scrolled to when it was hidden

  const length = () => list().length + (list().hasMore ? columns : 0);
  const rowHeight = () => height + GAP;
  const wholeHeight = () => Math.max(0, Math.ceil(length() / columns) * rowHeight() - GAP);
  /** Pixels of the list for one of the scroll bar. */
  const step = () => {
    const whole = wholeHeight();
    return whole <= MOST_HEIGHT ? 1 : (whole - box.height) / (MOST_HEIGHT - box.height);
  };

  function measure() {
    box = { width: element.clientWidth, height: element.clientHeight };
    columns = Math.max(1, Math.floor((box.width + GAP) / (wish + GAP)));
    width = Math.floor((box.width - GAP * (columns - 1)) / columns);
    height = Math.round(width * 0.75);
    blank = getComputedStyle(element).getPropertyValue("--blank") || "#ccc";
    element.style.setProperty("--tile-width", `${width}px`);
    element.style.setProperty("--tile-height", `${height}px`);
  }

  /** @param {number} index */
  function place(index) {
    const row = Math.floor(index / columns);
    const shift = step() === 1 ? 0 : element.scrollTop * (1 - step());
    return [(index % columns) * (width + GAP), row * rowHeight() + shift];
  }

  function range() {
    const top = element.scrollTop * step();
    const first = Math.max(0, Math.floor(top / rowHeight()) - SPARE);
    const end = Math.ceil((top + box.height) / rowHeight()) + SPARE;
    return [first * columns, Math.min(length(), end * columns)];
  }

  function update() {
    frame = 0;
    if (box.width === 0) return;
    space.style.height = `${Math.min(wholeHeight(), MOST_HEIGHT)}px`;
    const [from, to] = range();
    for (const [index, tile] of tiles) {
      const isKept = index < length() && tile.element.contains(document.activeElement);
      if ((index >= from && index < to) || isKept) continue;
      tiles.delete(index);
      dirty.delete(tile);
      spare.push(tile);
    }
    for (let index = from; index < to; index++) if (!tiles.has(index)) addTile(index);
    while (spare.length) dropTile(/** @type {Tile} */ (spare.pop()));
    for (const [index, tile] of tiles) arrange(index, tile);
    if (!tiles.has(active)) setActive(Math.max(0, Math.min(length() - 1, from + SPARE * columns)));
    load();
    work();
  }

  /** @param {Tile} tile */
  function dropTile(tile) {
    tile.setImage(null);
    tile.element.remove();
  }

  /** @param {number} index */
  function addTile(index) {
    const tile = spare.pop() ?? createTile();
    tile.index = index;
    tile.link.tabIndex = index === active ? 0 : -1;
    tile.setImage(null);
    tiles.set(index, tile);
    if (!tile.element.parentNode) {
      space.append(tile.element);
      tile.element.addEventListener("picture", () => dirty.add(tile) && work());
    }
  }

  /**
   * @param {number} index
   * @param {Tile} tile
   */
  function arrange(index, tile) {
    const [x, y] = place(index);
    tile.element.style.transform = `translate(${x}px, ${y}px)`;
    tile.element.setAttribute("aria-posinset", String(index + 1));
    tile.element.setAttribute("aria-setsize", String(list().hasMore ? -1 : length()));
    const image = list().get(index);
    if (!tile.setImage(image)) return;
    if (image) tile.link.href = address(image.image_id);
    dirty.add(tile);
  }

  /** Asks for what the tiles on the screen lack, unless they fly by. */
  function load() {
    const now = performance.now();
    const speed = Math.abs(element.scrollTop - last.top) / Math.max(1, now - last.time);
    last = { top: element.scrollTop, time: now };
    clearTimeout(timer);
    if (speed > FAST) {
      timer = window.setTimeout(schedule, 90);
      return;
    }
    const [from, to] = range();
    list().need(from, to);
    const wanted = /** @type {{id: number, rows: number}[]} */ ([]);
    for (let index = from; index < to; index++) {
      const tile = tiles.get(index);
      if (!tile?.image) continue;
      const { image } = tile;
      const entry = rows().get(image.image_id);
      tile.setThumbnail(
        image.picture ?? entry?.image.picture ?? null,
        width * (devicePixelRatio || 1),
      );
      if (!entry) wanted.push({ id: image.image_id, rows: rowsOf(image) });
    }
    rows().want(wanted);
  }

  /** @param {import("./list.js").ListImage} image */
  function rowsOf({ counts }) {
    return counts ? Object.values(counts).reduce((sum, one) => sum + one, 0) : 50;
  }

  /** Draws what has changed, as much as a frame allows. */
  function work() {
    const end = performance.now() + FRAME;
    for (const tile of dirty) {
      dirty.delete(tile);
      const entry = tile.image && rows().get(tile.image.image_id);
      tile.draw(width, height, entry ?? null, look(), blank);
      tile.describe(entry ?? null);
      if (performance.now() > end) break;
    }
    element.dataset.tiles = String(tiles.size);
    if (dirty.size) requestAnimationFrame(work);
  }

  function schedule() {
    frame ||= requestAnimationFrame(update);
  }

  /** @param {number} index */
  function setActive(index) {
    active = index;
    for (const [at, { link }] of tiles) link.tabIndex = at === active ? 0 : -1;
  }

  /** @param {number} index */
  function scrollTo(index) {
    const top = Math.floor(index / columns) * rowHeight();
    const seen = element.scrollTop * step();
    if (top < seen) element.scrollTop = top / step();
    else if (top + height > seen + box.height) {
      element.scrollTop = (top + height - box.height) / step() + (step() === 1 ? 0 : 1);
    }
  }

  /** @param {number} index */
  function focus(index) {
    const next = Math.max(0, Math.min(length() - 1, index));
    scrollTo(next);
    active = next;
    cancelAnimationFrame(frame);
    update();
    setActive(next);
    tiles.get(next)?.link.focus({ preventScroll: true });
  }

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(box.height / rowHeight())) * columns;
    const moves = /** @type {Record<string, number>} */ ({
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity,
    });
    if (!(event.key in moves) || length() === 0) return;
    event.preventDefault();
    event.stopPropagation();
    focus(active + moves[event.key]);
  });
  element.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest(".image-tile");
    for (const tile of tiles.values()) {
      if (tile.element !== link || !tile.image) continue;
      setActive(tile.index);
      onopen(tile.index);
    }
  });
  element.addEventListener("scroll", schedule, { passive: true });
  const observer = new ResizeObserver(() => {
    if (element.hidden) return;
    const before = box.width;
    const first = Math.floor((element.scrollTop * step()) / rowHeight()) * columns;
    measure();
    if (box.width === 0) return;
    for (const tile of tiles.values()) dirty.add(tile);
    if (box.width !== before) {
      element.scrollTop = (Math.floor(first / columns) * rowHeight()) / step();
    }
    schedule();
  });
  observer.observe(element);

  return {
    element,
    focus,
    /** Comes back where it was. @param {boolean} hidden */
    setHidden(hidden) {
      if (hidden === element.hidden) return;
      if (hidden) kept = element.scrollTop;
      element.hidden = hidden;
      if (!hidden) element.scrollTop = kept;
    },
    /** Something of the list or of its rows has come. @param {number[]} [ids] */
    refresh(ids) {
      if (ids) {
        const came = new Set(ids);
        for (const tile of tiles.values())
          if (came.has(tile.image?.image_id ?? -1)) dirty.add(tile);
      }
      schedule();
    },
    /** All tiles are drawn anew. */
    redraw() {
      for (const tile of tiles.values()) dirty.add(tile);
      schedule();
    },
    /** The address of the thumbnail of an image, where it is there. @param {number} id */
    thumbnailOf(id) {
      for (const tile of tiles.values()) if (tile.image?.image_id === id) return tile.thumbnail;
      return null;
    },
    /** What failed is asked for again. */
    tryAgain() {
      for (const tile of tiles.values()) tile.tryAgain();
      schedule();
    },
    /** Another list. */
    reset() {
      for (const tile of tiles.values()) dropTile(tile);
      tiles.clear();
      dirty.clear();
      active = 0;
      kept = 0;
      element.scrollTop = 0;
      schedule();
    },
    /** @param {number} next  the width that tiles should have */
    setTile(next) {
      if (next === wish) return;
      const first = Math.floor((element.scrollTop * step()) / rowHeight()) * columns;
      wish = next;
      measure();
      space.style.height = `${Math.min(wholeHeight(), MOST_HEIGHT)}px`;
      element.scrollTop = (Math.floor(first / columns) * rowHeight()) / step();
      this.redraw();
    },
    newColors() {
      measure();
      this.redraw();
    },
    stop() {
      observer.disconnect();
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    },
  };
}
