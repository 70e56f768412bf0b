/**
 * How an image lies on its stage: a point x of the image is at x * scale + left.
 *
 * @typedef {{scale: number, left: number, top: number}} View
 * @typedef {{width: number, height: number}} Size
 */

/** How much of the stage may be without picture, as a share. */
const MARGIN = 0.5;

/**
 * The whole image in the middle of the stage, at most three times its size.
 * @param {Size} stage
 * @param {Size} image
 * @param {number} [padding]
 * @returns {View}
 */
export function fitView(stage, image, padding = 8) {
  const [width, height] = [stage.width - 2 * padding, stage.height - 2 * padding];
  const scale = Math.max(1e-3, Math.min(width / image.width, height / image.height, 3));
  return {
    scale,
    left: (stage.width - image.width * scale) / 2,
    top: (stage.height - image.height * scale) / 2,
  };
}

/**
 * Zooms about a point of the stage, which stays where it is.
 * @param {View} view
 * @param {number} factor
 * @param {number} x
 * @param {number} y
 * @param {View} fitted  the scale has bounds around this one
 * @returns {View}
 */
export function zoomAt(view, factor, x, y, fitted) {
  const highest = Math.max(40, fitted.scale * 8);
  const scale = Math.min(highest, Math.max(fitted.scale / 4, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, left: x - (x - view.left) * ratio, top: y - (y - view.top) * ratio };
}

/**
 * Keeps some of the image on the stage.
 * @param {View} view
 * @param {Size} stage
 * @param {Size} image
 * @returns {View}
 */
export function keepInside(view, stage, image) {
  const bound = (
    /** @type {number} */ at,
    /** @type {number} */ room,
    /** @type {number} */ size,
  ) => Math.min(room * MARGIN, Math.max(room * (1 - MARGIN) - size, at));
  return {
    scale: view.scale,
    left: bound(view.left, stage.width, image.width * view.scale),
    top: bound(view.top, stage.height, image.height * view.scale),
  };
}

/**
 * A place of the stage as one of the image.
 * @param {View} view
 * @param {number} x
 * @param {number} y
 */
export function toImage(view, x, y) {
  return { x: (x - view.left) / view.scale, y: (y - view.top) / view.scale };
}

/**
 * The view that shows a box in the middle, with room around it.
 * @param {readonly number[]} box
 * @param {Size} stage
 * @param {View} fitted
 * @returns {View}
 */
export function viewOfBox([x, y, width, height], stage, fitted) {
  const room = 0.4;
  const most = Math.max(fitted.scale, 12);
  const scale = Math.min(
    most,
    (stage.width * room) / Math.max(width, 1),
    (stage.height * room) / Math.max(height, 1),
  );
  return {
    scale,
    left: stage.width / 2 - (x + width / 2) * scale,
    top: stage.height / 2 - (y + height / 2) * scale,
  };
}
