/**
 * Pictures of the service. A browser sends no token for an <img>: where people have signed in, they
 * are fetched. Those of another host are not: it has no use for the token.
 */
import { ask, authorization } from "./api.js";

/** At most so many are asked for at once. */
const AT_ONCE = 6;

let running = 0;
/** @type {(() => void)[]} */
const waiting = [];

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function inTurn(work) {
  if (running >= AT_ONCE) await new Promise((go) => waiting.push(() => go(null)));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/**
 * The address of a picture in a size.
 * @param {string} picture  as a document has it
 * @param {"small" | "medium" | "large"} size
 */
export function pictureAddress(picture, size) {
  return `${picture}${picture.includes("?") ? "&" : "?"}size=${size}`;
}

/**
 * @param {HTMLImageElement} image
 * @param {string} address
 * @param {AbortSignal} signal
 */
function showPicture(image, address, signal) {
  if (!authorization().Authorization) {
    image.src = address;
    return;
  }
  inTurn(async () => {
    signal.throwIfAborted();
    const response = await ask(address, { signal, headers: { Accept: "image/*" } });
    const url = URL.createObjectURL(await response.blob());
    const release = () => URL.revokeObjectURL(url);
    image.addEventListener("load", release, { once: true });
    image.addEventListener("error", release, { once: true });
    image.src = url;
  }).catch(() => {
    if (!signal.aborted) image.dispatchEvent(new Event("error"));
  });
}

/** What an <img> waits for. @type {WeakMap<HTMLImageElement, AbortController>} */
const loading = new WeakMap();

/**
 * Shows a picture in an <img>, and lets go of the one before. Without an address it is blank. Its
 * events load and error tell how that went.
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
