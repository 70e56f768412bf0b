/**
 * A matrix of counts, darker where there are more; what is right and what is wrong have colours of
 * their own. Every cell that is not empty may be a link. Only those are drawn, so that a large and
 * sparse matrix stays light.
 *
 * @typedef {object} Cell
 * @property {number} row  an index of rows
 * @property {number} column  an index of columns
 * @property {number} value
 * @property {number} share  0 to 1: how dark
 * @property {boolean} isRight
 * @property {string} text  what stands in the cell where there is room
 * @property {string[]} tip
 * @property {string | null} [href]
 *
 * @typedef {{rows: string[], columns: string[], cells: Cell[]}} MatrixData
 *
 * @typedef {object} MatrixOptions
 * @property {string} caption
 * @property {string} rowTitle  what the rows are
 * @property {string} columnTitle
 * @property {string} [valueTitle]  of the table's column
 */
import { count } from "../lib/format.js";
import { h, s } from "../lib/dom.js";
import {
  drawing,
  label,
  linked,
  makeChart,
  mark,
  shorten,
  textWidth,
  uprightTitle,
} from "./base.js";

const LARGEST = 54; // a cell, in pixels
const SMALLEST = 15;
const TITLES = 18;

/** @param {string[]} names */
function widest(names) {
  return Math.max(0, ...names.map(textWidth));
}

/**
 * Sizes that depend on the width that there is.
 * @param {MatrixData} data
 * @param {number} width
 */
function layout(data, width) {
  const left = Math.min(widest(data.rows), Math.max(70, width * 0.25), 170) + 10 + TITLES;
  // Slanted names of the last columns need room at their right.
  const slant = Math.min(widest(data.columns.slice(-2)), 130) * 0.6;
  const room = Math.floor((width - left - slant - 2) / Math.max(1, data.columns.length));
  const size = Math.min(LARGEST, Math.max(SMALLEST, room));
  const top = Math.min(widest(data.columns), 130) * 0.75 + 16 + TITLES;
  const across = left + size * data.columns.length + 2;
  return { left, top, size, width: across + slant, height: top + size * data.rows.length + 2 };
}

/**
 * @param {MatrixData} data
 * @param {MatrixOptions} options
 * @param {number} width
 */
function draw(data, options, width) {
  const place = layout(data, width);
  const { left, top, size } = place;
  const right = left + size * data.columns.length;
  const bottom = top + size * data.rows.length;
  const lines = [
    ...[...data.rows, ""].map((_, i) => `M${left} ${top + i * size}H${right}`),
    ...[...data.columns, ""].map((_, i) => `M${left + i * size} ${top}V${bottom}`),
  ];
  const columnName = (/** @type {string} */ name, /** @type {number} */ i) => {
    const text = label(0, 0, shorten(name, 130));
    const x = left + (i + 0.5) * size + 2;
    text.setAttribute("transform", `translate(${x} ${top - 6}) rotate(-48)`);
    return text;
  };
  return h(
    "div",
    { class: "scroll" },
    drawing(
      place.width,
      place.height,
      options.caption,
      s("path", { d: lines.join(""), class: "grid-line" }),
      label((left + right) / 2, 12, options.columnTitle, "middle", "axis-title"),
      uprightTitle(options.rowTitle, (top + bottom) / 2),
      data.columns.map(columnName),
      data.rows.map((name, i) =>
        label(left - 6, top + (i + 0.5) * size + 4, shorten(name, left - 10 - TITLES), "end"),
      ),
      data.cells.flatMap((cell) =>
        cellMark(cell, left + cell.column * size, top + cell.row * size, size),
      ),
    ),
  );
}

/**
 * @param {Cell} cell
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function cellMark(cell, x, y, size) {
  const dark = 0.12 + 0.88 * Math.min(1, Math.max(0, cell.share));
  const text = textWidth(cell.text) < size - 4 && size >= 22 ? cell.text : "";
  const box = { x: x + 0.5, y: y + 0.5, width: size - 1, height: size - 1 };
  const name = dark > 0.7 ? "on-cell" : "in-cell";
  return [
    mark(
      cell.href,
      cell.tip,
      s("rect", { ...box, class: "cell-back" }),
      s("rect", {
        ...box,
        "fill-opacity": dark,
        class: cell.isRight ? "cell-right" : "cell-wrong",
      }),
    ),
    text && label(x + size / 2, y + size / 2 + 4, text, "middle", name),
  ];
}

/**
 * @param {MatrixOptions} options
 * @param {MatrixData} data
 * @returns {import("./base.js").Chart<MatrixData>}
 */
export function matrix(options, data) {
  /** @type {(now: MatrixData) => import("../parts/table.js").Column<Cell>[]} */
  const columns = (now) => [
    {
      title: options.rowTitle,
      by: (cell) => now.rows[cell.row],
      show: (cell) => now.rows[cell.row],
    },
    {
      title: options.columnTitle,
      by: (cell) => now.columns[cell.column],
      show: (cell) => now.columns[cell.column],
    },
    {
      title: options.valueTitle ?? "count",
      number: true,
      by: (cell) => cell.value,
      show: (cell) => linked(cell.href, count(cell.value)),
    },
  ];
  return makeChart({
    caption: options.caption,
    kind: "matrix",
    data,
    height: (now, width) => layout(now, width).height,
    draw: (now, width) => draw(now, options, width),
    table: (now) => ({
      columns: columns(now),
      rows: [...now.cells].sort((a, b) => b.value - a.value),
    }),
  });
}
