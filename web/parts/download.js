/** Links to files. Where people have signed in the file is fetched: a link sends no token. */
import { ask, authorization } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { notify } from "./dialog.js";

/**
 * The name that an answer gives its file.
 * @param {string | null} disposition
 */
function nameIn(disposition) {
  return /filename="([^"]*)"/.exec(disposition ?? "")?.[1] ?? "export";
}

/** @param {string} address */
async function save(address) {
  notify("the file is fetched");
  const response = await ask(address, { headers: { Accept: "*/*" } });
  const url = URL.createObjectURL(await response.blob());
  h("a", { href: url, download: nameIn(response.headers.get("Content-Disposition")) }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * @param {string} address
 * @param {import("../lib/dom.js").Children} label
 * @param {import("../lib/dom.js").Props} [props]
 */
export function downloadLink(address, label, props = {}) {
  return h(
    "a",
    {
      href: address,
      download: true,
      onclick: (/** @type {Event} */ event) => {
        if (!authorization().Authorization) return;
        event.preventDefault();
        save(address).catch((error) => notify(error.message));
      },
      ...props,
    },
    label,
  );
}
