/** Keys of a view, and the list of them that `?` opens. */
import { h } from "../lib/dom.js";
import { openDialog } from "./dialog.js";

/**
 * @typedef {object} Key
 * @property {string} key  as KeyboardEvent.key has it
 * @property {string} does  what it does, in words
 * @property {(event: KeyboardEvent) => void} run
 */

/** @type {Key[]} */
let active = [];

/** @param {EventTarget | null} target */
function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !/^(range|checkbox|radio|button)$/.test(target.type);
  return target.isContentEditable || target.matches("textarea, select");
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
  if (event.key === "?") {
    showKeys();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const isRange = event.target instanceof HTMLInputElement && event.target.type === "range";
  if (isRange && event.key.startsWith("Arrow")) return;
  const key = active.find((one) => one.key === event.key);
  if (!key) return;
  event.preventDefault();
  key.run(event);
}

document.addEventListener("keydown", onKey);

/**
 * Gives a view its keys, until the signal ends them.
 * @param {Key[]} keys
 * @param {AbortSignal} signal
 */
export function useKeys(keys, signal) {
  active = [...active, ...keys];
  signal.addEventListener("abort", () => {
    active = active.filter((key) => !keys.includes(key));
  });
}

/** @type {Record<string, string>} */
const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "space" };

export function showKeys() {
  if (document.querySelector("dialog[open]")) return;
  const rows = [...active, { key: "?", does: "this list" }].map(({ key, does }) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, h("kbd", null, NAMES[key] ?? key)),
      h("td", null, does),
    ),
  );
  openDialog("Keys", h("table", { class: "keys" }, h("tbody", null, rows)));
}
