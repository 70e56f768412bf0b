/** A dialog with a few fields. It stays open until what it does has succeeded. */
import { h } from "../lib/dom.js";
import { NAME_PATTERN, NAME_RULE } from "../lib/names.js";
import { openDialog } from "./dialog.js";

/**
 * @param {object} options
 * @param {string} options.title
 * @param {import("../lib/dom.js").Children[]} options.fields
 * @param {string} options.does  the label of its button
 * @param {string} [options.busy]  what is said while it works
 * @param {() => Promise<void>} options.run  a Problem is shown in the dialog
 */
export function formDialog({ title, fields, does, busy = "working", run }) {
  const words = h("p", { role: "status" });
  const go = h("button", { class: "primary" }, does);
  const form = h(
    "form",
    {
      class: "dialog-form",
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        go.disabled = true;
        words.className = "soft";
        words.textContent = `${busy} …`;
        try {
          await run();
          dialog.close();
        } catch (error) {
          words.className = "bad";
          words.textContent = error instanceof Error ? error.message : String(error);
        } finally {
          go.disabled = false;
        }
      },
    },
    ...fields,
    words,
    h(
      "div",
      { class: "dialog-foot" },
      h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      go,
    ),
  );
  const dialog = openDialog(title, form);
  const first = /** @type {HTMLElement | null} */ (form.querySelector("input, textarea, select"));
  first?.focus();
  if (first instanceof HTMLInputElement) first.select();
  return dialog;
}

/**
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [explain]
 */
export function field(label, input, explain) {
  return h(
    "label",
    { class: "field" },
    h("span", null, label),
    input,
    explain && h("small", null, explain),
  );
}

/**
 * A box for a name, with the service's rule.
 * @param {string} value
 */
export function nameInput(value) {
  return h("input", {
    type: "text",
    value,
    required: true,
    maxlength: 63,
    pattern: NAME_PATTERN,
    spellcheck: "false",
    autocomplete: "off",
    title: NAME_RULE,
  });
}
