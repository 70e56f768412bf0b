/** Where the pictures of a dataset are: told, changed, forgotten. */
import { datasetPath, send } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { notify } from "../../parts/dialog.js";
import { field } from "../../parts/form_dialog.js";

/** @typedef {import("../../lib/api.js").Schemas["Pictures"]} Pictures */

/** @param {Pictures} pictures */
function placeWords(pictures) {
  if (!pictures) return "Nobody has told where they are: images are drawn on blanks of their size.";
  if (pictures.url) return ["At ", h("code", null, pictures.url)];
  const directory = pictures.directory ?? "";
  return [
    "In the server's directory ",
    h("code", null, directory === "." ? "(the root)" : directory),
  ];
}

/**
 * @param {string} dataset
 * @param {Pictures} pictures
 * @param {() => void} onchange
 */
export function picturesSection(dataset, pictures, onchange) {
  const path = datasetPath(dataset, "pictures");
  const words = h("p", { role: "status" });
  const value = pictures?.url ?? pictures?.directory ?? "";
  const input = h("input", {
    type: "text",
    value,
    required: true,
    spellcheck: "false",
    placeholder: "val2017 or https://example.org/{file_name}",
  });

  /** @param {Pictures} place */
  async function put(place) {
    try {
      await send("PUT", path, place);
      onchange();
    } catch (error) {
      words.className = "bad";
      fill(words, /** @type {Error} */ (error).message);
    }
  }

  async function forget() {
    try {
      await send("DELETE", path);
      notify(`the place of the pictures of ${dataset} is forgotten`, {
        does: "Undo",
        run: () => void put(pictures),
      });
      onchange();
    } catch (error) {
      notify(/** @type {Error} */ (error).message);
    }
  }

  const form = h(
    "form",
    {
      class: "pictures-form",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const text = input.value.trim();
        void put(text.includes("://") ? { url: text } : { directory: text });
      },
    },
    field(
      "Directory or address",
      input,
      "A directory below the server's --image-root, or an address with {file_name} in it.",
    ),
    h("button", null, pictures ? "Change" : "Set"),
    pictures && h("button", { type: "button", onclick: forget }, "Forget"),
  );
  return [h("p", null, placeWords(pictures)), form, words];
}
