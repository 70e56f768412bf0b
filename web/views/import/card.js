/** An upload on the page: its progress while it goes, its outcome afterwards. */
import { addressOf } from "../../lib/address.js";
import { fill, h } from "../../lib/dom.js";
import { bytes } from "../../lib/format.js";
import { allUploads, cancel, enqueue, isOver, watch } from "../../lib/uploads.js";
import { confirmLoss } from "../../parts/dialog.js";
import { outcomeOf } from "./outcome.js";
import { progressWords, targetOf } from "./words.js";

/** @typedef {import("../../lib/uploads.js").Upload} Upload */

/** @type {Record<import("../../lib/uploads.js").State, string>} */
export const STATES = {
  waiting: "waiting",
  sending: "sending",
  working: "working",
  stopping: "stopping",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
  lost: "lost",
};

/**
 * Sends the file of an upload again, with other options.
 * @param {Upload} upload
 * @returns {import("./outcome.js").Again}
 */
function sendAgain(upload) {
  return async (options, kind = upload.kind, dataset = upload.dataset) => {
    const isForced = Boolean(options.force);
    if (kind === "replace") {
      const words = isForced
        ? "Rows of runs whose images or classes are not in the new file are dropped for good."
        : `The ground truth of ${upload.dataset} is replaced by ${upload.fileName}. Its runs stay.`;
      if (!(await confirmLoss("Replace the ground truth?", words, "Replace"))) return;
    }
    const run = kind === "run" ? upload.run : "";
    enqueue({ kind, dataset, run, options, file: /** @type {File} */ (upload.file) });
  };
}

/**
 * The bar of an upload. It has no value while nobody knows how long it takes.
 * @param {Upload} upload
 * @param {HTMLProgressElement} bar
 */
function drawBar(upload, bar) {
  const { state, size, sent = 0 } = upload;
  if (state === "sending" && size) {
    bar.max = size;
    bar.value = sent;
  } else if (state === "waiting") {
    bar.value = 0;
  } else {
    bar.removeAttribute("value");
  }
}

/**
 * @param {Upload} upload
 * @returns {{element: HTMLElement, draw: () => void}}
 */
export function uploadCard(upload) {
  const bar = h("progress", { "aria-label": `Progress of ${upload.fileName || upload.token}` });
  const words = h("p", { class: "upload-words soft" });
  const stop = h("button", { onclick: () => cancel(upload) }, "Cancel");
  const chip = h("span", { class: "chip" });
  const title = h("h2");
  const going = h("div", { class: "upload-going" }, bar, words);
  const outcome = h("div", { class: "upload-outcome", "aria-live": "polite" });
  const element = h(
    "article",
    { class: "card upload", "aria-label": `Import of ${upload.fileName || upload.token}` },
    h(
      "div",
      { class: "upload-head" },
      title,
      h("span", { class: "soft" }, upload.size ? bytes(upload.size) : ""),
      chip,
      stop,
    ),
    going,
    outcome,
  );
  let shown = "";

  function draw() {
    if (upload.state !== shown) {
      shown = upload.state;
      element.dataset.state = upload.state;
      chip.textContent = STATES[upload.state];
      const target = targetOf(upload);
      fill(
        title,
        upload.fileName || upload.token,
        target && h("span", { class: "soft" }, ` → ${target}`),
      );
      stop.hidden = !upload.file || !["waiting", "sending"].includes(upload.state);
      going.hidden = isOver(upload);
      const again = upload.file ? sendAgain(upload) : null;
      fill(outcome, isOver(upload) ? outcomeOf(upload, again) : null);
    }
    if (isOver(upload)) return;
    drawBar(upload, bar);
    words.textContent = progressWords(upload);
  }

  draw();
  return { element, draw };
}

/**
 * A list of uploads that follows them.
 * @param {(upload: Upload) => boolean} belongs
 * @param {AbortSignal} signal
 * @param {(upload: Upload) => void} [onover]  called once for each that ends meanwhile
 */
export function uploadList(belongs, signal, onover) {
  const element = h("section", { class: "uploads", "aria-label": "Uploads" });
  /** @type {Map<string, ReturnType<typeof uploadCard>>} */
  const cards = new Map();
  const over = new Set(allUploads().filter(isOver));

  function redraw() {
    const list = allUploads().filter(belongs);
    for (const upload of list) {
      if (!cards.has(upload.token)) cards.set(upload.token, uploadCard(upload));
    }
    // What stays is not moved, so that it keeps the focus.
    list.forEach((upload, i) => {
      const card = /** @type {HTMLElement} */ (cards.get(upload.token)?.element);
      if (element.children[i] !== card) element.insertBefore(card, element.children[i] ?? null);
    });
    while (element.children.length > list.length) element.lastElementChild?.remove();
    element.hidden = list.length === 0;
  }

  watch((upload) => {
    if (!upload) {
      redraw();
      return;
    }
    cards.get(upload.token)?.draw();
    if (belongs(upload) && isOver(upload) && !over.has(upload)) {
      over.add(upload);
      onover?.(upload);
    }
  }, signal);
  redraw();
  return element;
}

/** @param {Upload} upload */
export function uploadAddress(upload) {
  return `${addressOf("import")}/${encodeURIComponent(upload.token)}`;
}
