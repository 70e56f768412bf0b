/** A small picture of an image; a blank with its number where there is none. */
import { h } from "../lib/dom.js";
import { setPicture, thumbnailOf } from "../viewer/picture.js";

/**
 * @param {{image_id: number, text_id?: string | null, file_name: string | null,
 *   picture: string | null, width?: number | null, height?: number | null}} image
 * @param {AbortSignal} signal
 * @param {"small" | "medium" | "large"} [size]
 */
export function thumbnail(image, signal, size = "small") {
  const name = image.file_name || `image ${image.text_id ?? image.image_id}`;
  const blank = () =>
    h("span", { class: "thumbnail blank", role: "img", "aria-label": `${name}: no picture` });
  if (!image.picture) return blank();
  const picture = h("img", { class: "thumbnail", alt: name, loading: "lazy", decoding: "async" });
  picture.addEventListener("error", () => picture.replaceWith(blank()), { once: true });
  setPicture(picture, thumbnailOf(image.picture, size));
  signal.addEventListener("abort", () => setPicture(picture, null), { once: true });
  return picture;
}
