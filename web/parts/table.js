/** Tables that sort by a click on a column. Numbers stand right, empty values last. */
import { h } from "../lib/dom.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => import("../lib/dom.js").Children} show
 * @property {(row: Row) => number | string | null | undefined} [by]  what it sorts by; without it
 *   the column does not sort
 * @property {boolean} [number]
 * @property {string} [explain]  a sentence, shown on hover
 */

/**
 * @template Row
 * @param {object} options
 * @param {string} options.caption  what the table holds, for those who do not see it
 * @param {Column<Row>[]} options.columns
 * @param {Row[]} options.rows
 * @param {{column: number, down: boolean}} [options.sort]
 * @param {(sort: {column: number, down: boolean}) => void} [options.onsort]
 * @param {number} [options.limit]  rows shown at first; a button shows the rest
 */
export function sortableTable({ caption, columns, rows, sort, onsort, limit = 200 }) {
  let order = sort ?? { column: -1, down: false };
  let shown = limit;
  const body = h("tbody");
  const heads = columns.map((column, i) =>
    h(
      "th",
      { scope: "col", class: column.number ? "number" : null, title: column.explain ?? null },
      column.by ? h("button", { onclick: () => sortBy(i) }, column.title) : column.title,
    ),
  );
  const more = h("button", { onclick: () => showAll() }, `Show all ${rows.length} rows`);
  const table = h(
    "table",
    { class: "data" },
    h("caption", { class: "unseen" }, caption),
    h("thead", null, h("tr", null, heads)),
    body,
  );

  /** @param {number} i */
  function sortBy(i) {
    const first = columns[i].number ?? false;
    order = { column: i, down: order.column === i ? !order.down : first };
    onsort?.(order);
    draw();
  }

  function showAll() {
    shown = rows.length;
    draw();
  }

  function draw() {
    const by = columns[order.column]?.by;
    const sorted = by ? [...rows].sort((a, b) => compare(by(a), by(b), order.down)) : rows;
    heads.forEach((head, i) => {
      const direction = i !== order.column ? null : order.down ? "descending" : "ascending";
      if (direction) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(
      ...sorted.slice(0, shown).map((row) =>
        h(
          "tr",
          null,
          columns.map((column) =>
            h("td", { class: column.number ? "number" : null }, column.show(row)),
          ),
        ),
      ),
    );
    more.hidden = shown >= rows.length;
  }

  draw();
  return h(
    "div",
    { class: "table-box", tabindex: 0, role: "region", "aria-label": caption },
    table,
    more,
  );
}

/**
 * @param {number | string | null | undefined} a
 * @param {number | string | null | undefined} b
 * @param {boolean} down
 */
function compare(a, b, down) {
  const isNone = (/** @type {unknown} */ v) => v === null || v === undefined || v === -1;
  if (isNone(a) || isNone(b)) return Number(isNone(a)) - Number(isNone(b));
  const order =
    typeof a === "string" || typeof b === "string"
      ? String(a).localeCompare(String(b), undefined, { numeric: true })
      : Number(a) - Number(b);
  return down ? -order : order;
}
