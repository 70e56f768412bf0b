/**
 * Pictures of images. Where the service wants a token, an <img> cannot send it: then the picture is
 * fetched, and shown from memory.
 */
import { authorization } from "../lib/api.js";

/** @type {WeakMap<HTMLImageElement, {stop: AbortController, blob: string | null}>} */
const fetched = new WeakMap();

/**
 * The address of a thumbnail.
 * @param {string} picture  as a document has it
 * @param {"small" | "medium" | "large"} size
 */
export function thumbnailOf(picture, size) {
  return `${picture}${picture.includes("?") ? "&" : "?"}size=${size}`;
}

/**
 * Shows a picture in an <img>, and lets go of the one before. Without an address it is blank.
 * @param {HTMLImageElement} img
 * @param {string | null} address
 */
export function setPicture(img, address) {
  const before = fetched.get(img);
  if (before) {
    before.stop.abort();
    if (before.blob) URL.revokeObjectURL(before.blob);
    fetched.delete(img);
  }
  if (address === null) img.removeAttribute("src");
  else if (authorization().Authorization) void fetchPicture(img, address);
  else img.src = address;
}

/**
 * @param {HTMLImageElement} img
 * @param {string} address
 */
async function fetchPicture(img, address) {
  const stop = new AbortController();
  const entry = { stop, blob: /** @type {string | null} */ (null) };
  fetched.set(img, entry);
  try {
    const response = await fetch(address, { headers: authorization(), signal: stop.signal });
    if (!response.ok) throw new Error(String(response.status));
    const blob = await response.blob();
    if (stop.signal.aborted) return;
    entry.blob = URL.createObjectURL(blob);
    img.src = entry.blob;
  } catch {
    if (!stop.signal.aborted) img.dispatchEvent(new Event("error"));
  }
}
