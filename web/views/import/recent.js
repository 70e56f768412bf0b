/** The imports that this browser remembers: a line each, which leads to its outcome. */
import { fill, h } from "../../lib/dom.js";
import { when } from "../../lib/format.js";
import { remembered } from "../../lib/upload_memory.js";
import { findUpload, forgetAll, isOver, watch } from "../../lib/uploads.js";
import { STATES, uploadAddress } from "./card.js";
import { targetOf } from "./words.js";

/** @param {import("../../lib/uploads.js").Upload} upload */
function line(upload) {
  const now = findUpload(upload.token) ?? upload;
  return h(
    "li",
    null,
    h("a", { href: uploadAddress(upload) }, upload.fileName || upload.token),
    h("span", { class: "soft" }, ` → ${targetOf(upload)} `),
    h("span", { class: "chip", dataset: { state: now.state } }, STATES[now.state] ?? now.state),
    h("small", null, when(new Date(upload.startedAt).toISOString())),
  );
}

/** @param {AbortSignal} signal */
export function recentImports(signal) {
  const list = h("ul", { class: "recent" });
  const element = h(
    "details",
    { class: "card", open: true },
    h("summary", null, "Recent imports of this browser"),
    list,
    h("button", { onclick: forgetAll }, "Clear the list"),
  );
  function draw() {
    const entries = remembered().filter((one) => {
      const here = findUpload(one.token);
      return !here || isOver(here);
    });
    element.hidden = entries.length === 0;
    fill(list, entries.map(line));
  }
  watch((upload) => {
    if (!upload || isOver(upload)) draw();
  }, signal);
  draw();
  return element;
}
