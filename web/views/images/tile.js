/**
 * One tile of the grid: the thumbnail, what is drawn over it, and a caption. Tiles are used again
 * for other images.
 */
import { h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";
import { pictureAddress, setPicture } from "../../lib/pictures.js";
import { isTruth, sizeOf } from "../../viewer/geometry.js";
import { colorRule, drawnRows } from "../../viewer/look.js";
import { drawScene } from "../../viewer/scene.js";

/**
 * @typedef {import("./list.js").ListImage} ListImage
 * @typedef {import("./rows.js").Entry} Entry
 * @typedef {import("./rows.js").Annotation} Annotation
 * @typedef {import("../../viewer/look.js").Choice & {labels: boolean, masks: boolean,
 *   points: boolean, line: number, skeleton: (row: Annotation) => number[][],
 *   emphasis: null | ((row: Annotation, rows: Annotation[]) => boolean)}} Look
 */

/** Labels on smaller tiles would cover them. */
const LABELS_FROM = 380;

export function createTile() {
  const img = h("img", { alt: "", loading: "eager", decoding: "async", draggable: "false" });
  const canvas = h("canvas");
  const caption = h("span", { class: "image-caption" });
  const link = h("a", { class: "image-link" }, img, canvas, caption);
  const element = h("li", { class: "image-tile waiting" }, link);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let image = /** @type {ListImage | null} */ (null);
  let shown = /** @type {string | null} */ (null); // the address of the picture
  let hasPicture = false;
  let hasFailed = false;

  img.addEventListener("load", () => {
    img.hidden = false;
    hasPicture = true;
    element.dispatchEvent(new Event("picture"));
  });
  img.addEventListener("error", () => {
    img.hidden = true;
    hasPicture = false;
    hasFailed = true;
  });

  return {
    element,
    link,
    index: -1,
    get image() {
      return image;
    },
    /** Its address, once it is there. */
    get thumbnail() {
      return hasPicture ? shown : null;
    },
    /** The next image; what was drawn is gone. @param {ListImage | null} next */
    setImage(next) {
      if (image?.image_id === next?.image_id) return false;
      image = next;
      element.classList.toggle("waiting", !next);
      if (!next) link.removeAttribute("href");
      context.clearRect(0, 0, canvas.width, canvas.height);
      delete canvas.dataset.drawn;
      caption.textContent = "";
      this.setThumbnail(null, 0);
      return true;
    },
    /**
     * @param {string | null} picture
     * @param {number} width  of the tile, in pixels of the screen
     */
    setThumbnail(picture, width) {
      const size = width <= 170 ? "small" : width <= 500 ? "medium" : "large";
      const address = picture && pictureAddress(picture, size);
      if (address === shown) return;
      if (!shown || !address) {
        img.hidden = true;
        hasPicture = false;
      }
      shown = address;
      hasFailed = false;
      setPicture(img, address);
    },
    /** A picture that failed is asked for when it is wanted next. */
    tryAgain() {
      if (hasFailed) shown = null;
    },
    /**
     * @param {number} width
     * @param {number} height
     * @param {Entry | null} entry
     * @param {Look} look
     * @param {string} blank  the colour of an image without a picture
     */
    draw(width, height, entry, look, blank) {
      const ratio = Math.min(2, devicePixelRatio || 1);
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
      else context.clearRect(0, 0, w, h);
      if (!image) return;
      const rows = entry?.rows ?? [];
      const size = sizeOf(image.width ? image : entry?.image, rows);
      const scale = Math.min(width / size.width, height / size.height);
      const view = {
        scale,
        left: (width - size.width * scale) / 2,
        top: (height - size.height * scale) / 2,
      };
      if (!hasPicture) {
        context.fillStyle = blank;
        const box = [view.left, view.top, size.width * scale, size.height * scale];
        context.fillRect(box[0] * ratio, box[1] * ratio, box[2] * ratio, box[3] * ratio);
      }
      if (!entry) return;
      const drawn = drawnRows(rows, look);
      const labels = look.labels && width >= LABELS_FROM;
      const { emphasis } = look;
      const marked = emphasis && new Set(drawn.filter((row) => emphasis(row, rows)));
      const line = look.line * (width < 160 ? 0.5 : width < 300 ? 0.7 : 1);
      drawScene(
        context,
        { ...look, rows: drawn, view, color: colorRule(look, rows), labels, line, marked },
        ratio,
      );
      canvas.dataset.drawn = String(drawn.length);
    },
    /** @param {Entry | null} entry */
    describe(entry) {
      if (!image) return;
      const name = image.file_name ?? `image ${image.image_id}`;
      caption.replaceChildren(h("b", null, name), h("span", null, countsText(image, entry)));
      link.setAttribute("aria-label", `${name}: ${countsText(image, entry)}`);
    },
  };
}

/** @typedef {ReturnType<typeof createTile>} Tile */

/**
 * @param {ListImage} image
 * @param {Entry | null} entry
 */
function countsText(image, entry) {
  const counts = { ...image.counts };
  if (!image.counts && entry) {
    for (const row of entry.rows) counts[row.source] = (counts[row.source] ?? 0) + 1;
  }
  const truths = counts.ground_truth ?? entry?.rows.filter(isTruth).length;
  const words = truths === undefined ? [] : [counted(truths, "object")];
  const runs = Object.keys(counts).filter((source) => source !== "ground_truth");
  for (const run of runs.slice(0, 3)) words.push(`${run} ${count(counts[run])}`);
  if (image.errors !== undefined) words.push(counted(image.errors, "error"));
  if (image.count !== undefined) words.push(`${count(image.count)} in this cell`);
  return words.join(" · ");
}
