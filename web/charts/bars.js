/**
 * Bars in SVG: horizontal with names at their left, or vertical as in histograms; several series
 * side by side; to the left of 0 where numbers are negative; whiskers for intervals.
 *
 * @typedef {object} Series
 * @property {string} label
 * @property {string} color  as CSS has it, var(--…) too
 *
 * @typedef {object} Group  the bars of one class, bin or run
 * @property {string} label
 * @property {(number | null | undefined)[]} values  one for each series; null: no bar
 * @property {(string | null | undefined)[]} [links]  where each bar leads
 * @property {([number, number] | null | undefined)[]} [intervals]  whiskers
 * @property {string[]} [notes]  further lines of the tip, one for each series
 * @property {string[]} [colors]  other colours than those of the series
 *
 * @typedef {{series: Series[], groups: Group[]}} BarData
 *
 * @typedef {object} BarOptions
 * @property {string} caption  what the chart shows
 * @property {string} groupTitle  "class": the first column of the table
 * @property {string} axis  what the numbers are, with their unit
 * @property {"horizontal" | "vertical"} [direction]
 * @property {(value: number) => string} [format]
 * @property {(value: number) => string} [tickFormat]  of the axis, where it differs
 * @property {number} [low]  ends of the axis; else from 0 (or the least) to the most
 * @property {number} [high]
 * @property {string} [groupAxis]  title of the other axis, of vertical bars
 */
import { count } from "../lib/format.js";
import { h, s } from "../lib/dom.js";
import {
  drawing,
  intervalLine,
  label,
  linked,
  makeChart,
  mark,
  shorten,
  textWidth,
  uprightTitle,
} from "./base.js";
import { linearScale, logScale } from "./scale.js";

const THICK = 16; // of a horizontal bar that is alone
const THIN = 9; // of one beside others
const GAP = 9; // between groups
const AXIS = 40; // below the bars: ticks and the title
const UPRIGHT = 230; // height of vertical bars

/** @param {Series[]} series */
function legend(series) {
  const entry = (/** @type {Series} */ one) =>
    h("span", null, h("span", { class: "swatch", style: { background: one.color } }), one.label);
  return h("div", { class: "chart-legend", hidden: series.length < 2 }, series.map(entry));
}

/**
 * The lines of a bar's tip.
 * @param {BarData} data
 * @param {Group} group
 * @param {number} i
 * @param {(value: number) => string} format
 */
function tipOf(data, group, i, format) {
  const value = format(/** @type {number} */ (group.values[i]));
  const interval = group.intervals?.[i];
  return [
    group.label,
    data.series.length > 1 ? `${data.series[i].label}: ${value}` : value,
    intervalLine(interval?.[0], interval?.[1], format),
    group.notes?.[i] ?? "",
  ];
}

/** @param {BarData} data */
function allValues(data) {
  return data.groups.flatMap((group) => [
    ...group.values.map(Number),
    ...(group.intervals ?? []).flatMap((interval) => interval ?? []),
  ]);
}

/** @param {BarData} data */
function thickness(data) {
  return data.series.length > 1 ? THIN : THICK;
}

/** @param {BarData} data */
function heightOfRows(data) {
  return data.groups.length * (data.series.length * thickness(data) + GAP) + AXIS;
}

/**
 * @param {BarData} data
 * @param {BarOptions & {isLog: boolean}} options
 * @param {number} width
 */
function drawRows(data, options, width) {
  const format = options.format ?? count;
  const tickFormat = options.tickFormat ?? format;
  const thick = thickness(data);
  const step = data.series.length * thick + GAP;
  const height = heightOfRows(data);
  const widest = Math.max(0, ...data.groups.map((group) => textWidth(group.label)));
  const left = Math.min(widest, width * 0.38) + 10;
  const right = width - textWidth(format(Math.max(0, ...allValues(data).filter(isFinite)))) - 12;
  const range = /** @type {[number, number]} */ ([left, Math.max(left + 20, right)]);
  const wanted = Math.max(2, Math.floor((range[1] - left) / 80));
  const values = allValues(data);
  const scale = options.isLog
    ? logScale(values, range)
    : linearScale(values, range, { low: options.low, high: options.high, wanted });
  const bottom = height - AXIS + 4;
  const zero = scale.at(Math.max(scale.low, 0));
  const grid = scale.ticks.flatMap((tick) => [
    s("line", { x1: scale.at(tick), x2: scale.at(tick), y1: 0, y2: bottom, class: "grid-line" }),
    label(scale.at(tick), bottom + 14, tickFormat(tick), "middle"),
  ]);
  const bars = data.groups.flatMap((group, g) => [
    label(
      left - 8,
      g * step + GAP / 2 + (step - GAP) / 2 + 4,
      shorten(group.label, left - 10),
      "end",
    ),
    ...group.values.map((value, i) => {
      if (value === null || value === undefined || !Number.isFinite(value)) return null;
      const y = g * step + GAP / 2 + i * thick;
      const x = scale.at(Math.min(Math.max(value, scale.low), scale.high));
      const fill = group.colors?.[i] ?? data.series[i].color;
      const interval = group.intervals?.[i];
      const bar = { x: Math.min(x, zero), y, width: Math.max(1, Math.abs(x - zero)), fill };
      return mark(
        group.links?.[i],
        tipOf(data, group, i, format),
        // The whole row answers to the pointer, also where the bar is short.
        s("rect", { x: 0, y, width, height: thick, class: "reach" }),
        s("rect", { ...bar, height: thick - 1, rx: 2 }),
        interval && whisker(scale.at(interval[0]), scale.at(interval[1]), y + thick / 2, true),
        data.series.length > 1 || interval
          ? null
          : label(value < 0 ? zero + 4 : x + 5, y + thick - 4, format(value), "start", "value"),
      );
    }),
  ]);
  return drawing(
    width,
    height,
    options.caption,
    grid,
    s("line", { x1: zero, x2: zero, y1: 0, y2: bottom, class: "axis-line" }),
    bars,
    label((range[0] + range[1]) / 2, height - 4, options.axis, "middle", "axis-title"),
  );
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} at
 * @param {boolean} isLying
 */
function whisker(from, to, at, isLying) {
  const path = isLying
    ? `M${from} ${at - 3}V${at + 3}M${from} ${at}H${to}M${to} ${at - 3}V${at + 3}`
    : `M${at - 3} ${from}H${at + 3}M${at} ${from}V${to}M${at - 3} ${to}H${at + 3}`;
  return s("path", { d: path, class: "whisker" });
}

/**
 * A name below bars, moved to the left where it would end outside.
 * @param {string} words
 * @param {number} x
 * @param {number} width
 */
function binLabel(words, x, width) {
  const isOutside = x + textWidth(words) / 2 > width;
  return label(isOutside ? width : x, UPRIGHT - AXIS + 15, words, isOutside ? "end" : "middle");
}

/**
 * @param {BarData} data
 * @param {BarOptions & {isLog: boolean}} options
 * @param {number} width
 */
function drawColumns(data, options, width) {
  const format = options.format ?? count;
  const tickFormat = options.tickFormat ?? format;
  const values = allValues(data);
  const range = /** @type {[number, number]} */ ([UPRIGHT - AXIS, 8]);
  const scale = options.isLog
    ? logScale(values, range)
    : linearScale(values, range, { low: options.low, high: options.high, wanted: 4 });
  const left = Math.max(...scale.ticks.map((tick) => textWidth(tickFormat(tick)))) + 26;
  const step = (width - left - 4) / Math.max(1, data.groups.length);
  const thick = Math.max(1, (step * 0.86) / data.series.length);
  const zero = scale.at(Math.max(scale.low, 0));
  const grid = scale.ticks.flatMap((tick) => [
    s("line", { x1: left, x2: width, y1: scale.at(tick), y2: scale.at(tick), class: "grid-line" }),
    label(left - 6, scale.at(tick) + 4, tickFormat(tick), "end"),
  ]);
  const widest = Math.max(0, ...data.groups.map((group) => textWidth(group.label)));
  const every = Math.max(1, Math.ceil((widest + 8) / step));
  const bars = data.groups.flatMap((group, g) => [
    g % every ? null : binLabel(group.label, left + (g + 0.5) * step, width),
    ...group.values.map((value, i) => {
      if (value === null || value === undefined || !Number.isFinite(value)) return null;
      const x = left + g * step + step * 0.07 + i * thick;
      const y = scale.at(Math.min(Math.max(value, scale.low), scale.high));
      const fill = group.colors?.[i] ?? data.series[i].color;
      const interval = group.intervals?.[i];
      const size = { y: Math.min(y, zero), height: Math.max(value ? 1 : 0, Math.abs(y - zero)) };
      return mark(
        group.links?.[i],
        tipOf(data, group, i, format),
        s("rect", { x, y: 0, width: thick, height: UPRIGHT - AXIS, class: "reach" }),
        s("rect", { x, width: Math.max(1, thick - 1), ...size, fill, rx: thick > 6 ? 2 : 0 }),
        interval && whisker(scale.at(interval[0]), scale.at(interval[1]), x + thick / 2, false),
      );
    }),
  ]);
  const middle = 8 + (UPRIGHT - AXIS - 8) / 2;
  return drawing(
    width,
    UPRIGHT,
    options.caption,
    grid,
    s("line", { x1: left, x2: width, y1: zero, y2: zero, class: "axis-line" }),
    bars,
    uprightTitle(options.axis, middle),
    label((left + width) / 2, UPRIGHT - 4, options.groupAxis ?? "", "middle", "axis-title"),
  );
}

/**
 * @param {BarOptions} options
 * @param {BarData} data
 * @returns {import("./base.js").Chart<BarData & {isLog?: boolean}>}
 */
export function bars(options, data) {
  const format = options.format ?? count;
  const isUpright = options.direction === "vertical";
  const draw = isUpright ? drawColumns : drawRows;
  /**
   * @param {Group} group
   * @param {number} i
   */
  function cell(group, i) {
    const value = group.values[i];
    if (value === null || value === undefined) return "–";
    const interval = group.intervals?.[i];
    const words = interval
      ? `${format(value)} (${format(interval[0])} to ${format(interval[1])})`
      : format(value);
    return linked(group.links?.[i], words);
  }
  /** @type {(series: Series[]) => import("../parts/table.js").Column<Group>[]} */
  const columns = (series) => [
    { title: options.groupTitle, show: (group) => group.label },
    ...series.map((one, i) => ({
      title: series.length > 1 ? one.label : options.axis,
      number: true,
      by: (/** @type {Group} */ group) => group.values[i],
      show: (/** @type {Group} */ group) => cell(group, i),
    })),
  ];
  const chart = makeChart({
    caption: options.caption,
    kind: isUpright ? "columns" : "bars",
    data: /** @type {BarData & {isLog?: boolean}} */ (data),
    height: (now) => (isUpright ? UPRIGHT : heightOfRows(now)),
    draw: (now, width) => draw(now, { ...options, isLog: now.isLog ?? false }, width),
    table: ({ series, groups: rows }) => ({ columns: columns(series), rows }),
  });
  let names = legend(data.series);
  chart.element.prepend(names);
  return {
    element: chart.element,
    update(next) {
      const made = legend(next.series);
      names.replaceWith(made);
      names = made;
      chart.update(next);
    },
  };
}
