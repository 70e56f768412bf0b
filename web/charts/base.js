/**
 * What all charts have: a figure with a caption, a tip for the mark under the pointer or with the
 * focus, arrow keys from mark to mark, and a table behind.
 *
 * A chart is made once, with its first data; update() draws others in its place. A mark that has
 * an address is a link.
 *
 * @template Data
 * @typedef {object} Chart
 * @property {HTMLElement} element
 * @property {(data: Data) => void} update
 */
import { fill, h, s } from "../lib/dom.js";
import { sortableTable } from "../parts/table.js";

/** Lines of the tip of a mark. @type {WeakMap<Element, string[]>} */
const tips = new WeakMap();

/**
 * A mark: a link if it leads somewhere. Its tip is also its name for those who do not see it.
 * @param {string | null | undefined} href
 * @param {string[]} lines
 * @param {...import("../lib/dom.js").Children} children
 * @returns {SVGElement}
 */
export function mark(href, lines, ...children) {
  const name = lines.filter(Boolean).join(", ");
  const element = href
    ? s("a", { href, class: "mark", "aria-label": name, tabindex: -1 }, ...children)
    : s("g", { class: "mark", role: "img", "aria-label": name, tabindex: -1 }, ...children);
  tips.set(element, lines);
  return element;
}

/** @param {EventTarget | null} target */
function markOf(target) {
  return target instanceof Element ? target.closest(".mark") : null;
}

/**
 * @param {HTMLElement} figure
 * @param {HTMLElement} plot
 */
function showTips(figure, plot) {
  const tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
  figure.append(tip);
  const hide = () => void (tip.hidden = true);
  /**
   * @param {Element | null} element
   * @param {number} x
   * @param {number} y
   */
  function show(element, x, y) {
    const lines = element && tips.get(element);
    if (!lines) return hide();
    const [title, ...rest] = lines;
    fill(
      tip,
      h("strong", null, title),
      ...rest.filter(Boolean).map((line) => h("div", null, line)),
    );
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(x + 12, innerWidth - width - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${y + 14 + height > innerHeight ? y - height - 10 : y + 14}px`;
  }
  plot.addEventListener("pointermove", (event) =>
    show(markOf(event.target), event.clientX, event.clientY),
  );
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("focusin", (event) => {
    const element = markOf(event.target);
    if (!element?.matches(":focus-visible")) return;
    const { left, bottom, width } = element.getBoundingClientRect();
    show(element, left + width / 2, bottom - 8);
  });
  plot.addEventListener("focusout", hide);
  plot.addEventListener("keydown", (event) => void (event.key === "Escape" && hide()));
}

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * One mark is reached by Tab, the others from there by arrow keys.
 * @param {HTMLElement} plot
 */
function moveByKeys(plot) {
  plot.addEventListener("keydown", (event) => {
    const marks = /** @type {SVGElement[]} */ ([...plot.querySelectorAll(".mark")]);
    const now = marks.indexOf(/** @type {SVGElement} */ (document.activeElement));
    const step = STEPS[event.key];
    if (now < 0) return;
    let next = step ? now + step : -1;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = marks.length - 1;
    if (!marks[next]) return;
    event.preventDefault();
    event.stopPropagation();
    marks[now].setAttribute("tabindex", "-1");
    marks[next].setAttribute("tabindex", "0");
    marks[next].focus();
  });
}

/**
 * Replaces the drawing; the focus stays at the same place.
 * @param {HTMLElement} plot
 * @param {Node} drawing
 */
function replace(plot, drawing) {
  const before = [...plot.querySelectorAll(".mark")];
  const at = before.indexOf(/** @type {Element} */ (document.activeElement));
  plot.replaceChildren(drawing);
  const marks = /** @type {SVGElement[]} */ ([...plot.querySelectorAll(".mark")]);
  const first = marks[Math.max(0, Math.min(at, marks.length - 1))];
  first?.setAttribute("tabindex", "0");
  if (at >= 0) first?.focus();
}

/**
 * A closed drawer with the numbers of a chart. It makes its rows when it is open.
 * @template Row
 * @param {string} caption
 * @param {() => {columns: import("../parts/table.js").Column<Row>[], rows: Row[]}} content
 */
export function tableBehind(caption, content) {
  const box = h("div");
  const element = h(
    "details",
    { class: "chart-table" },
    h("summary", null, "as a table", h("span", { class: "unseen" }, `: ${caption}`)),
    box,
  );
  const update = () => {
    if (element.open) fill(box, sortableTable({ caption, limit: 100, ...content() }));
  };
  element.addEventListener("toggle", update);
  return { element, update };
}

/**
 * A chart that is drawn as SVG, anew when its data or its width change.
 * @template Data
 * @template Row
 * @param {object} options
 * @param {string} options.caption  what the chart shows, for those who do not see it
 * @param {string} options.kind  a class of CSS
 * @param {Data} options.data
 * @param {(data: Data, width: number) => Node} options.draw
 * @param {(data: Data, width: number) => number} options.height  in pixels; kept free before it is
 *   drawn
 * @param {(data: Data) => {columns: import("../parts/table.js").Column<Row>[], rows: Row[]}
 *   } options.table
 * @returns {Chart<Data>}
 */
export function makeChart({ caption, kind, data, draw, height, table }) {
  let now = data;
  const plot = h("div", { class: "chart-plot" });
  const behind = tableBehind(caption, () => table(now));
  const element = h(
    "figure",
    { class: `chart chart-${kind}`, role: "group", "aria-label": caption },
    plot,
    behind.element,
  );
  let width = 0;
  const redraw = () => {
    plot.style.minHeight = `${height(now, width || 600)}px`;
    if (width > 0) replace(plot, draw(now, width));
    behind.update();
  };
  new ResizeObserver(([entry]) => {
    const next = Math.floor(entry.contentRect.width);
    if (next === width) return;
    width = next;
    redraw();
  }).observe(plot);
  showTips(element, plot);
  moveByKeys(plot);
  redraw();
  return {
    element,
    update(next) {
      now = next;
      redraw();
    },
  };
}

/**
 * The root of a drawing. Links inside must stay reachable, so it is a group.
 * @param {number} width
 * @param {number} height
 * @param {string} caption
 * @param {...import("../lib/dom.js").Children} children
 */
export function drawing(width, height, caption, ...children) {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return s("svg", { ...size, role: "group", "aria-label": caption }, ...children);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {"start" | "middle" | "end"} [anchor]
 * @param {string} [name]  a class of CSS
 */
export function label(x, y, words, anchor = "start", name = "tick") {
  const attributes = { x, y, "text-anchor": anchor, class: name, "aria-hidden": "true" };
  return s("text", attributes, words);
}

/**
 * The title of an upright axis, at the left.
 * @param {string} words
 * @param {number} y  of its middle
 */
export function uprightTitle(words, y) {
  const title = label(0, 0, words, "middle", "axis-title");
  title.setAttribute("transform", `translate(12 ${y}) rotate(-90)`);
  return title;
}

/**
 * A line of a tip; "" without an interval.
 * @param {number | null | undefined} low
 * @param {number | null | undefined} high
 * @param {(value: number) => string} format
 */
export function intervalLine(low, high, format) {
  if (typeof low !== "number" || typeof high !== "number") return "";
  return `95 % interval ${format(low)} to ${format(high)}`;
}

/**
 * A format that shows "–" where there is no number.
 * @param {(value: number) => string} format
 */
export function orDash(format) {
  return (/** @type {number | null | undefined} */ value) =>
    value === null || value === undefined ? "–" : format(value);
}

/**
 * Words that lead somewhere, if they do.
 * @param {string | null | undefined} href
 * @param {string} words
 */
export function linked(href, words) {
  return href ? h("a", { href }, words) : words;
}

let pen = /** @type {CanvasRenderingContext2D | null} */ (null);

/** The width of a text of a chart, in pixels. @param {string} words */
export function textWidth(words) {
  if (!pen) {
    pen = document.createElement("canvas").getContext("2d");
    if (!pen) return words.length * 7;
    // Once: to ask for a style makes the browser compute all that have changed.
    pen.font = `12px ${getComputedStyle(document.documentElement).fontFamily}`;
  }
  return pen.measureText(words).width;
}

/**
 * A text that is not wider than so many pixels.
 * @param {string} words
 * @param {number} room
 */
export function shorten(words, room) {
  if (textWidth(words) <= room) return words;
  let low = 0;
  let high = Math.min(words.length, 200);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(words.slice(0, middle) + "…") <= room) low = middle;
    else high = middle - 1;
  }
  return words.slice(0, low) + "…";
}
