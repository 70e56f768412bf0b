/** Pictures in an <img> that shows one image after the other. */
import { pictureAddress, showPicture } from "../lib/pictures.js";

export { pictureAddress as thumbnailOf };

/** @type {WeakMap<HTMLImageElement, AbortController>} */
const loading = new WeakMap();

/**
 * Shows a picture, and lets go of the one before. Without an address it is blank.
 * @param {HTMLImageElement} img
 * @param {string | null} address
 */
export function setPicture(img, address) {
  loading.get(img)?.abort();
  if (address === null) {
    img.removeAttribute("src");
    return;
  }
  const stop = new AbortController();
  loading.set(img, stop);
  showPicture(img, address, stop.signal);
}
