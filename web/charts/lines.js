/**
 * Curves with many points, drawn on a canvas by Chart.js (Debian's libjs-chart.js). The library is
 * loaded when the first of them is made.
 *
 * @typedef {{x: number, y: number}} Point
 * @typedef {object} Line
 * @property {string} label
 * @property {string} color  a colour, or var(--…)
 * @property {Point[]} points  by x
 * @property {boolean} [isDashed]
 * @property {boolean} [isFaint]  one of many that only stand behind
 * @property {number} [width]
 * @property {string[]} [notes]  a line of the tip for each point
 *
 * @typedef {object} Dot  a point that stands out, such as an operating point
 * @property {string} label
 * @property {string} color
 * @property {number} x
 * @property {number} y
 * @property {string} [note]
 *
 * @typedef {{lines: Line[], dots?: Dot[], rules?: {x: number, label: string}[]}} LineData  rules
 *   are upright lines, such as that of a threshold
 *
 * @typedef {object} LineOptions
 * @property {string} caption
 * @property {{title: string, low?: number, high?: number}} x
 * @property {{title: string, low?: number, high?: number}} y
 * @property {(value: number) => string} [format]
 * @property {number} [height]  in pixels
 * @property {AbortSignal} [signal]  ends the chart
 */
import { cls, fill, h } from "../lib/dom.js";
import { orDash, tableBehind } from "./base.js";

const load = () => import("../vendor/chart.js/chart.mjs");
let library = /** @type {ReturnType<typeof load> | null} */ (null);

async function loadOnce() {
  library ??= load().then((module) => {
    const { Chart, LineController, LineElement, LinearScale, PointElement, Tooltip } = module;
    Chart.register(LineController, LineElement, LinearScale, PointElement, Tooltip);
    return module;
  });
  return library;
}

/** A colour as a canvas understands it. @param {string} color */
function resolved(color) {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  return name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : color;
}

/**
 * @param {LineData} data
 * @returns {import("chart.js").ChartDataset<"line", Point[]>[]}
 */
function datasets(data) {
  const dots = (data.dots ?? []).map((dot) => ({
    label: dot.label,
    data: [{ x: dot.x, y: dot.y }],
    borderColor: resolved("var(--card)"),
    backgroundColor: resolved(dot.color),
    borderWidth: 2,
    pointRadius: 7,
    pointHoverRadius: 9,
    showLine: false,
  }));
  const lines = data.lines.map((line) => ({
    label: line.label,
    data: line.points,
    borderColor: resolved(line.color),
    backgroundColor: resolved(line.color),
    borderWidth: line.width ?? (line.isFaint ? 1 : 2),
    borderDash: line.isDashed ? [5, 4] : [],
    pointRadius: line.points.length === 1 ? 3 : 0,
    pointHoverRadius: 4,
  }));
  return [...dots, ...lines];
}

/**
 * @param {LineOptions} options
 * @param {() => LineData} now
 * @returns {import("chart.js").ChartOptions<"line">}
 */
function chartOptions(options, now) {
  const format = options.format ?? ((value) => value.toFixed(3));
  const text = resolved("var(--soft)");
  const family = getComputedStyle(document.documentElement).fontFamily;
  const axis = (/** @type {LineOptions["x"]} */ one) => ({
    type: /** @type {const} */ ("linear"),
    min: one.low,
    max: one.high,
    title: { display: true, text: one.title, color: text, font: { family } },
    ticks: { color: text, font: { family }, maxTicksLimit: 7 },
    grid: { color: resolved("var(--line)"), borderColor: resolved("var(--line)") },
  });
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "nearest", intersect: false, axis: "xy" },
    scales: { x: axis(options.x), y: axis(options.y) },
    plugins: {
      tooltip: {
        displayColors: false,
        callbacks: {
          title: (items) => items[0]?.dataset.label ?? "",
          label: ({ parsed, datasetIndex, dataIndex }) => {
            const { dots = [], lines } = now();
            const dot = dots[datasetIndex];
            const note = dot ? dot.note : lines[datasetIndex - dots.length]?.notes?.[dataIndex];
            const place = [
              `${options.x.title} ${format(parsed.x)}`,
              `${options.y.title} ${format(parsed.y)}`,
            ];
            return note ? [...place, note] : place;
          },
        },
      },
    },
  };
}

/**
 * Draws the upright lines.
 * @param {() => LineData} now
 * @returns {import("chart.js").Plugin<"line">}
 */
function rulesPlugin(now) {
  return {
    id: "rules",
    afterDatasetsDraw({ ctx, chartArea, scales }) {
      for (const rule of now().rules ?? []) {
        const x = scales.x.getPixelForValue(rule.x);
        if (!(x >= chartArea.left && x <= chartArea.right)) continue;
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = resolved("var(--soft)");
        ctx.setLineDash([4, 4]);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        const isLeft = x > (chartArea.left + chartArea.right) / 2;
        ctx.textAlign = isLeft ? "right" : "left";
        ctx.font = `12px ${getComputedStyle(document.documentElement).fontFamily}`;
        ctx.fillText(rule.label, x + (isLeft ? -6 : 6), chartArea.top + 12);
        ctx.restore();
      }
    },
  };
}

/** @param {LineData} data */
function legend(data) {
  const shown = data.lines.filter((line) => !line.isFaint);
  const entry = (/** @type {{label: string, color: string}} */ one, /** @type {string} */ kind) => {
    const style = kind === "dot" ? { background: one.color } : { "border-top-color": one.color };
    return h("span", null, h("span", { class: cls("key", kind), style }), one.label);
  };
  return [
    ...shown.map((line) => entry(line, line.isDashed ? "dashed" : "line")),
    ...(data.dots ?? []).map((dot) => entry(dot, "dot")),
  ];
}

/**
 * @typedef {{label: string, x: number, y: (number | null)[]}} TableRow
 * @param {LineOptions} options
 * @param {LineData} data
 */
function tableOf(options, data) {
  const format = options.format ?? ((/** @type {number} */ value) => value.toFixed(3));
  const show = orDash(format);
  const xs = data.lines[0]?.points.map((point) => point.x) ?? [];
  const isCommon = data.lines.every(
    (line) => line.points.length === xs.length && line.points.every((p, i) => p.x === xs[i]),
  );
  /** @type {import("../parts/table.js").Column<TableRow>} */
  const first = {
    title: options.x.title,
    number: true,
    by: (row) => row.x,
    show: (row) => show(row.x),
  };
  const numberOf = (/** @type {string} */ title, /** @type {number} */ i) => ({
    title,
    number: true,
    by: (/** @type {TableRow} */ row) => row.y[i],
    show: (/** @type {TableRow} */ row) => show(row.y[i]),
  });
  if (isCommon) {
    const rows = xs.map((x, i) => ({
      label: "",
      x,
      y: data.lines.map((line) => line.points[i].y),
    }));
    return { rows, columns: [first, ...data.lines.map((line, i) => numberOf(line.label, i))] };
  }
  const rows = data.lines.flatMap((line) =>
    line.points.map(({ x, y }) => ({ label: line.label, x, y: [y] })),
  );
  /** @type {import("../parts/table.js").Column<TableRow>} */
  const name = { title: "curve", by: (row) => row.label, show: (row) => row.label };
  return { rows, columns: [name, first, numberOf(options.y.title, 0)] };
}

/**
 * @param {LineOptions} options
 * @param {LineData} data
 * @returns {import("./base.js").Chart<LineData>}
 */
export function lines(options, data) {
  let now = data;
  let chart = /** @type {import("chart.js").Chart<"line", Point[]> | null} */ (null);
  const canvas = h("canvas", { role: "img", "aria-label": options.caption });
  const plot = h("div", { class: "chart-canvas" }, canvas);
  plot.style.height = `${options.height ?? 300}px`;
  const names = h("div", { class: "chart-legend" }, legend(now));
  const behind = tableBehind(options.caption, () => tableOf(options, now));
  const element = h(
    "figure",
    { class: "chart chart-lines", role: "group", "aria-label": options.caption },
    names,
    plot,
    behind.element,
  );

  function redraw() {
    if (!chart) return;
    chart.data.datasets = datasets(now);
    chart.options = chartOptions(options, () => now);
    chart.update("none");
  }

  async function begin() {
    const { Chart } = await loadOnce();
    if (options.signal?.aborted) return;
    chart = new Chart(canvas, {
      type: "line",
      data: { datasets: datasets(now) },
      options: chartOptions(options, () => now),
      plugins: [rulesPlugin(() => now)],
    });
    plot.dataset.drawn = "";
  }
  begin().catch(() => {
    fill(
      plot,
      h("p", { class: "notice" }, "Curves need Debian's package libjs-chart.js; the"),
      " numbers are in the table.",
    );
    behind.element.open = true;
  });
  const { signal } = options;
  addEventListener("themechange", redraw, { signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
  signal?.addEventListener("abort", () => chart?.destroy());
  return {
    element,
    update(next) {
      now = next;
      fill(names, legend(next));
      behind.update();
      redraw();
    },
  };
}
