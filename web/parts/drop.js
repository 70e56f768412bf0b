/** A place to drop files on, or to choose them with a click or the keyboard. */
import { h } from "../lib/dom.js";

/** @param {DragEvent} event */
function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/**
 * Files may be dropped anywhere on the page, not only here.
 * @param {object} options
 * @param {string} options.title
 * @param {import("../lib/dom.js").Children} options.words
 * @param {(files: File[]) => void} options.onfiles
 * @param {AbortSignal} options.signal
 * @param {boolean} [options.several]
 */
export function dropZone({ title, words, onfiles, signal, several = true }) {
  const input = h("input", {
    type: "file",
    class: "unseen",
    multiple: several,
    "aria-label": title,
    onchange: () => {
      const files = [...(input.files ?? [])];
      input.value = ""; // so that the same file can be chosen again
      if (files.length) onfiles(files);
    },
  });
  const zone = h(
    "label",
    { class: "drop" },
    input,
    h("strong", null, title),
    h("span", { class: "soft" }, words),
  );
  let depth = 0;
  const mark = (/** @type {number} */ next) => {
    depth = Math.max(0, next);
    zone.classList.toggle("is-over", depth > 0);
  };
  const listen = (/** @type {keyof DocumentEventMap} */ type, /** @type {any} */ run) =>
    document.addEventListener(
      type,
      (event) => {
        if (hasFiles(/** @type {DragEvent} */ (event))) run(event);
      },
      { signal },
    );
  listen("dragenter", () => mark(depth + 1));
  listen("dragleave", () => mark(depth - 1));
  listen("dragover", (/** @type {DragEvent} */ event) => event.preventDefault());
  listen("drop", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    mark(0);
    if (document.querySelector("dialog[open]")) return;
    const files = [...(event.dataTransfer?.files ?? [])];
    onfiles(several ? files : files.slice(0, 1));
  });
  return { element: zone, input };
}

/** Where no view takes files, one that is dropped must not replace the page. */
export function refuseOtherDrops() {
  const refuse = (/** @type {DragEvent} */ event) => {
    if (event.defaultPrevented || !hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  };
  addEventListener("dragover", refuse);
  addEventListener("drop", refuse);
}
