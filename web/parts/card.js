/** Cards with a title, and tiles with a number each: of evaluations and statistics. */
import { h } from "../lib/dom.js";

/**
 * @param {object} options
 * @param {string} options.id
 * @param {string} options.title
 * @param {import("../lib/dom.js").Children} [options.end]  what stands beside the title
 * @param {...import("../lib/dom.js").Children} content
 */
export function card({ id, title, end }, ...content) {
  const titleId = `${id}-title`;
  const head = h("h2", { id: titleId }, title);
  return h(
    "section",
    { class: "card", id, "aria-labelledby": titleId },
    end ? h("div", { class: "head" }, head, h("div", { class: "end controls" }, end)) : head,
    ...content,
  );
}

/**
 * A number with its name and what it means, for a <dl class="stats">.
 * @param {import("../lib/dom.js").Children} name
 * @param {string} value
 * @param {string} words
 * @param {Node | null} [more]
 */
export function tile(name, value, words, more = null) {
  return h(
    "div",
    { class: "stat" },
    h("dt", null, name),
    h("dd", null, h("strong", null, value), more, h("small", null, words)),
  );
}
