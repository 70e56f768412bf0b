/** A small picture of an image; a blank where there is none. */
import { h } from "../lib/dom.js";
import { pictureAddress, setPicture } from "../lib/pictures.js";

/**
 * @param {{image_id?: number, text_id?: string | null, file_name?: string | null,
 *   picture?: string | null}} image
 * @param {AbortSignal} signal
 * @param {boolean} [isNamed]  false where the name of the image stands beside it
 */
export function thumbnail(image, signal, isNamed = true) {
  const name = image.file_name || `image ${image.text_id ?? image.image_id}`;
  const role = isNamed ? { role: "img", "aria-label": `${name}: no picture` } : {};
  const blank = () => h("span", { class: "thumbnail blank", ...role });
  if (!image.picture) return blank();
  const alt = isNamed ? name : "";
  const picture = h("img", { class: "thumbnail", alt, loading: "lazy", decoding: "async" });
  picture.addEventListener("error", () => picture.replaceWith(blank()), { once: true });
  setPicture(picture, pictureAddress(image.picture, "small"));
  signal.addEventListener("abort", () => setPicture(picture, null), { once: true });
  return picture;
}
