/**
 * Numbers with their intervals: a dot and a line on a common axis, one row for each. For
 * differences the axis has a line at 0: what does not touch it is told from chance.
 *
 * @typedef {object} IntervalRow
 * @property {string} label
 * @property {number | null} value
 * @property {number | null} [low]
 * @property {number | null} [high]
 * @property {"good" | "bad" | null} [tone]
 * @property {string} [note]  a further line of the tip
 * @property {string | null} [href]
 *
 * @typedef {{rows: IntervalRow[], low?: number, high?: number}} IntervalData  ends of the axis; by
 *   default they follow from the numbers
 *
 * @typedef {object} IntervalOptions
 * @property {string} caption
 * @property {string} rowTitle
 * @property {string} axis  what the numbers are
 * @property {(value: number) => string} format
 * @property {(value: number) => string} [tickFormat]
 * @property {boolean} [hasZero]  a line at 0, and an axis that holds it
 */
import { s } from "../lib/dom.js";
import {
  drawing,
  intervalLine,
  label,
  linked,
  makeChart,
  mark,
  orDash,
  shorten,
  textWidth,
} from "./base.js";
import { areApart, linearScale, niceTicks } from "./scale.js";

const ROW = 30;
const AXIS = 40;

/**
 * Ends of an axis that holds all numbers, with a little room beside them.
 * @param {IntervalData} data
 * @param {boolean} hasZero
 */
function ends(data, hasZero) {
  const values = data.rows
    .flatMap((row) => [row.value, row.low, row.high])
    .filter((value) => value !== null && value !== undefined)
    .map(Number);
  if (hasZero) values.push(0);
  const low = data.low ?? Math.min(...(values.length ? values : [0]));
  const high = data.high ?? Math.max(...(values.length ? values : [1]));
  const span = areApart(low, high) ? high - low : 0.1;
  const ticks = niceTicks(low - span * 0.04, high + span * 0.04, 5);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : span;
  return {
    low: data.low ?? Math.floor((low - span * 0.02) / step) * step,
    high: data.high ?? Math.ceil((high + span * 0.02) / step) * step,
  };
}

/**
 * @param {IntervalData} data
 * @param {IntervalOptions} options
 * @param {number} width
 */
function draw(data, options, width) {
  const tickFormat = options.tickFormat ?? options.format;
  const height = data.rows.length * ROW + AXIS;
  const names = Math.max(0, ...data.rows.map((row) => textWidth(row.label)));
  const left = Math.min(names, width * 0.38) + 14;
  const numbers = data.rows.map((row) => (row.value === null ? "–" : options.format(row.value)));
  const right = width - Math.max(0, ...numbers.map(textWidth)) - 16;
  const { low, high } = ends(data, options.hasZero ?? false);
  const wanted = Math.max(2, Math.floor((right - left) / 70));
  const scale = linearScale([], [left, Math.max(left + 20, right)], { low, high, wanted });
  const bottom = height - AXIS + 4;
  const grid = scale.ticks.flatMap((tick) => [
    s("line", {
      x1: scale.at(tick),
      x2: scale.at(tick),
      y1: 0,
      y2: bottom,
      class: tick === 0 && options.hasZero ? "axis-line" : "grid-line",
    }),
    label(scale.at(tick), bottom + 14, tickFormat(tick), "middle"),
  ]);
  const rows = data.rows.flatMap((row, i) => {
    const y = i * ROW + ROW / 2;
    return [
      label(left - 10, y + 4, shorten(row.label, left - 12), "end"),
      label(width - 4, y + 4, numbers[i], "end", "value"),
      row.value === null ? null : rowMark(row, row.value, y, width, scale, options),
    ];
  });
  const title = label((left + right) / 2, height - 4, options.axis, "middle", "axis-title");
  return drawing(width, height, options.caption, grid, rows, title);
}

/**
 * @param {IntervalRow} row
 * @param {number} value
 * @param {number} y
 * @param {number} width
 * @param {import("./scale.js").Scale} scale
 * @param {IntervalOptions} options
 */
function rowMark(row, value, y, width, scale, options) {
  const { low, high } = row;
  const hasInterval = typeof low === "number" && typeof high === "number";
  const words = intervalLine(low, high, options.format) || "no interval";
  const inside = (/** @type {number} */ v) =>
    scale.at(Math.min(scale.high, Math.max(scale.low, v)));
  return mark(
    row.href,
    [row.label, options.format(value), words, row.note ?? ""],
    s("rect", { x: 0, y: y - ROW / 2, width, height: ROW, class: "reach" }),
    s(
      "g",
      { class: `interval ${row.tone ?? "plain"}` },
      hasInterval && s("line", { x1: inside(low), x2: inside(high), y1: y, y2: y }),
      hasInterval &&
        [low, high].map((v) => s("line", { x1: inside(v), x2: inside(v), y1: y - 5, y2: y + 5 })),
      s("circle", { cx: inside(value), cy: y, r: 5 }),
    ),
  );
}

/**
 * @param {IntervalOptions} options
 * @param {IntervalData} data
 * @returns {import("./base.js").Chart<IntervalData>}
 */
export function intervals(options, data) {
  const show = orDash(options.format);
  /** @type {import("../parts/table.js").Column<IntervalRow>[]} */
  const columns = [
    { title: options.rowTitle, show: (row) => linked(row.href, row.label) },
    { title: options.axis, number: true, by: (row) => row.value, show: (row) => show(row.value) },
    { title: "from", number: true, by: (row) => row.low, show: (row) => show(row.low) },
    { title: "to (95 %)", number: true, by: (row) => row.high, show: (row) => show(row.high) },
  ];
  return makeChart({
    caption: options.caption,
    kind: "interval",
    data,
    height: (now) => now.rows.length * ROW + AXIS,
    draw: (now, width) => draw(now, options, width),
    table: ({ rows }) => ({ columns, rows }),
  });
}
