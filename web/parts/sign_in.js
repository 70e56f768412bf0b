/** Asks for a token where the server wants one. It is kept as long as the tab. */
import { h } from "../lib/dom.js";
import { kept } from "../lib/storage.js";
import { openDialog } from "./dialog.js";

let asked = /** @type {Promise<string | null> | null} */ (null);

/** A person who gave no token is not asked by what a view loads next, but after a click. */
let isDeclined = false;
addEventListener("click", () => (isDeclined = false), { capture: true });

/** @returns {Promise<string | null>} */
export async function askForToken() {
  if (isDeclined) return null;
  asked ??= new Promise((resolve) => {
    let token = /** @type {string | null} */ (null);
    const input = h("input", {
      type: "password",
      autocomplete: "off",
      required: true,
      pattern: "\\s*[\\x21-\\x7e]+\\s*", // what a header can have
      title: "ASCII letters, digits and signs, without spaces",
    });
    const dialog = openDialog(
      "Sign in",
      h(
        "form",
        {
          onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            token = input.value.trim();
            dialog.close();
          },
        },
        kept("sessionStorage", "token")
          ? h("p", { class: "bad", role: "alert" }, "The server does not take this token.")
          : h("p", null, "This server asks for a token. Whoever runs it can give you one."),
        h("label", null, "Token", input),
        h("div", { class: "dialog-foot" }, h("button", { class: "primary" }, "Sign in")),
      ),
    );
    dialog.addEventListener("close", () => {
      asked = null;
      isDeclined = token === null;
      resolve(token);
    });
    input.focus();
  });
  return asked;
}
