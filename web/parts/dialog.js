/** Dialogs, and confirmations of what destroys. The browser's <dialog> keeps the focus inside. */
import { h } from "../lib/dom.js";

/**
 * Opens a dialog. It closes with Escape, its button, or close() of what it gives.
 * @param {string} title
 * @param {...import("../lib/dom.js").Children} content
 */
export function openDialog(title, ...content) {
  const id = `dialog-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const dialog = h(
    "dialog",
    { "aria-labelledby": id },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id }, title),
      h("button", { class: "icon", "aria-label": "Close", onclick: () => dialog.close() }, "×"),
    ),
    ...content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

/**
 * Asks before something is destroyed; the words name what goes.
 * @param {string} title
 * @param {import("../lib/dom.js").Children} words
 * @param {string} does  the label of the button that goes ahead
 * @returns {Promise<boolean>}
 */
export function confirmLoss(title, words, does) {
  return new Promise((resolve) => {
    let good = false;
    const dialog = openDialog(
      title,
      h("div", { class: "dialog-words" }, words),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { onclick: () => dialog.close() }, "Cancel"),
        h(
          "button",
          {
            class: "danger",
            onclick: () => {
              good = true;
              dialog.close();
            },
          },
          does,
        ),
      ),
    );
    dialog.addEventListener("close", () => resolve(good));
    /** @type {HTMLElement} */ (dialog.querySelector(".dialog-foot button")).focus();
  });
}

/**
 * A short notice that goes away, with an action such as "Undo" where there is one.
 * @param {string} text
 * @param {{does: string, run: () => void}} [action]
 */
export function notify(text, action) {
  const toasts = /** @type {HTMLElement} */ (document.querySelector(".toasts"));
  const toast = h("div", { class: "toast" }, text);
  for (const old of toasts.querySelectorAll(".toast")) if (old.textContent === text) old.remove();
  if (action) {
    toast.append(
      h(
        "button",
        {
          onclick: () => {
            toast.remove();
            action.run();
          },
        },
        action.does,
      ),
    );
  }
  toasts.append(toast);
  setTimeout(() => toast.remove(), action ? 12_000 : 5_000);
}

/** Says what went wrong where the page stays as it is. @param {unknown} error */
export function notifyProblem(error) {
  notify(error instanceof Error ? error.message : String(error));
}
