/**
 * A number over time, oldest first, each with its interval. Points stand at equal distances: what
 * counts is their order, and imports may be minutes or months apart.
 *
 * @typedef {object} HistoryPoint
 * @property {string} at  a time, as documents have it
 * @property {number | null} value
 * @property {number | null} [low]
 * @property {number | null} [high]
 * @property {string} [note]
 * @property {string | null} [href]
 * @property {boolean} [isCurrent]
 *
 * @typedef {{points: HistoryPoint[]}} HistoryData
 *
 * @typedef {object} HistoryOptions
 * @property {string} caption
 * @property {string} axis
 * @property {(value: number) => string} format
 * @property {boolean} [isSmall]  a line without axes, for a place in a row of a table
 */
import { s } from "../lib/dom.js";
import { when } from "../lib/format.js";
import {
  drawing,
  intervalLine,
  label,
  linked,
  makeChart,
  mark,
  orDash,
  textWidth,
  uprightTitle,
} from "./base.js";
import { linearScale } from "./scale.js";

const HEIGHT = 190;
const SMALL = 36;

/** @param {HistoryPoint} point */
function day(point) {
  return new Date(point.at).toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

/**
 * @param {HistoryData} data
 * @param {HistoryOptions} options
 * @param {number} width
 */
function draw(data, options, width) {
  const height = options.isSmall ? SMALL : HEIGHT;
  const values = data.points
    .flatMap((point) => [point.value, point.low, point.high])
    .filter((value) => value !== null && value !== undefined)
    .map(Number);
  const least = values.length ? Math.min(...values) : 0;
  const most = values.length ? Math.max(...values) : 1;
  const room = (most - least || 0.1) * 0.1;
  const range = /** @type {[number, number]} */ (
    options.isSmall ? [SMALL - 6, 6] : [HEIGHT - 38, 10]
  );
  const scale = linearScale([], range, { low: least - room, high: most + room, wanted: 4 });
  const left = options.isSmall
    ? 6
    : Math.max(0, ...scale.ticks.map((tick) => textWidth(options.format(tick)))) + 28;
  const step = (width - left - 8) / Math.max(1, data.points.length);
  const x = (/** @type {number} */ i) => left + (i + 0.5) * step;
  const drawn = data.points.flatMap((point, i) => (point.value === null ? [] : [{ point, i }]));
  const path = drawn
    .map(({ point, i }, n) => `${n ? "L" : "M"}${x(i)} ${scale.at(Number(point.value))}`)
    .join("");
  const every = Math.max(1, Math.ceil(60 / step));
  const axes = options.isSmall
    ? null
    : [
        scale.ticks.map((tick) => {
          const y = scale.at(tick);
          return s("line", { x1: left, x2: width, y1: y, y2: y, class: "grid-line" });
        }),
        scale.ticks.map((tick) => label(left - 6, scale.at(tick) + 4, options.format(tick), "end")),
        data.points.map((point, i) =>
          i % every ? null : label(x(i), HEIGHT - 20, day(point), "middle"),
        ),
        uprightTitle(options.axis, (range[0] + range[1]) / 2),
        label((left + width) / 2, HEIGHT - 3, "evaluated, oldest first", "middle", "axis-title"),
      ];
  const points = drawn.map(({ point, i }) => {
    const value = Number(point.value);
    const { low, high } = point;
    const hasInterval = typeof low === "number" && typeof high === "number";
    const words = intervalLine(low, high, options.format);
    return mark(
      point.href,
      [when(point.at), `${options.axis} ${options.format(value)}`, words, point.note ?? ""],
      s("rect", { x: x(i) - step / 2, y: 0, width: step, height, class: "reach" }),
      hasInterval &&
        s("path", { d: `M${x(i)} ${scale.at(low)}V${scale.at(high)}`, class: "whisker" }),
      s("circle", {
        cx: x(i),
        cy: scale.at(value),
        r: options.isSmall ? 2.5 : 4.5,
        class: point.isCurrent === false ? "dot old" : "dot",
      }),
    );
  });
  return drawing(
    width,
    height,
    options.caption,
    axes?.flat(),
    s("path", { d: path || "M0 0", class: "history-line" }),
    points,
  );
}

/**
 * @param {HistoryOptions} options
 * @param {HistoryData} data
 * @returns {import("./base.js").Chart<HistoryData>}
 */
export function history(options, data) {
  const show = orDash(options.format);
  /** @type {import("../parts/table.js").Column<HistoryPoint>[]} */
  const columns = [
    { title: "evaluated", by: (point) => point.at, show: (point) => when(point.at) },
    {
      title: options.axis,
      number: true,
      by: (point) => point.value,
      show: (point) => linked(point.href, show(point.value)),
    },
    {
      title: "95 % interval",
      show: (point) =>
        typeof point.low === "number" ? `${show(point.low)} to ${show(point.high)}` : "–",
    },
    { title: "note", show: (point) => point.note ?? "" },
  ];
  return makeChart({
    caption: options.caption,
    kind: options.isSmall ? "spark" : "history",
    data,
    height: () => (options.isSmall ? SMALL : HEIGHT),
    draw: (now, width) => draw(now, options, width),
    table: ({ points: rows }) => ({ columns, rows }),
  });
}
