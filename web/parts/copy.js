/** Lines of curl and SQL for what the page shows, ready to copy. */
import { h } from "../lib/dom.js";
import { notify } from "./dialog.js";

/**
 * A word of a shell.
 * @param {string} text
 */
export function shellWord(text) {
  return /^[A-Za-z0-9._/:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * @param {string} path  of the API, with its query
 * @param {...string} options
 */
export function curlLine(path, ...options) {
  return ["curl", ...options.map(shellWord), shellWord(location.origin + path)].join(" ");
}

/** A text in SQL. @param {string} text */
export function sqlText(text) {
  return text.includes("\\")
    ? `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notify("copied");
  } catch {
    notify("the browser does not let the page copy; select the line instead");
  }
}

/**
 * A drawer with lines, closed at first.
 * @param {() => {title: string, text: string}[]} lines  asked when it opens
 */
export function copyBox(lines) {
  const list = h("div", { class: "copy-lines" });
  const box = h("details", { class: "copy" }, h("summary", null, "curl and SQL"), list);
  box.addEventListener("toggle", () => {
    if (!box.open) return;
    list.replaceChildren(
      ...lines().map(({ title, text }) =>
        h(
          "div",
          { class: "copy-line" },
          h("h2", null, title),
          h("pre", { tabindex: 0 }, text),
          h("button", { onclick: () => void copy(text) }, "Copy"),
        ),
      ),
    );
  });
  return box;
}
