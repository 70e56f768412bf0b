/** The charts of statistics: splits, sizes, annotations per image, scores. */
import { bars } from "../../charts/bars.js";
import { addressOf } from "../../lib/address.js";
import { sourceColor } from "../../lib/color.js";
import { h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { card } from "../../parts/card.js";

/**
 * @typedef {import("./load.js").State} State
 * @typedef {import("./load.js").Loaded} Loaded
 * @typedef {import("../../charts/bars.js").BarData} BarData
 * @typedef {{low: number, high: number | null, count: number}[]} Histogram
 */

/**
 * @param {State} state
 * @param {import("../../lib/address.js").QueryValues} filters
 */
export function imagesAddress(state, filters) {
  return addressOf("images", state.dataset, {
    run: state.runs,
    split: state.split,
    slice: state.slice,
    ...filters,
  });
}

/**
 * Where the bars of a group lead: images with rows of each source that are like that.
 * @param {State} state
 * @param {Loaded} loaded
 * @param {import("../../lib/address.js").QueryValues} filters
 */
function linksOf(state, loaded, filters) {
  const names = [null, ...loaded.runs.map((run) => run.run_name)];
  return names.map((source) => imagesAddress(state, { source, ...filters }));
}

/** The ground truth and the runs, in their colours. @param {Loaded} loaded */
export function seriesOf(loaded) {
  return [
    { label: "ground truth", color: sourceColor(0) },
    ...loaded.runs.map((run, i) => ({ label: run.run_name, color: sourceColor(i + 1) })),
  ];
}

/** @param {Loaded} loaded */
function sourcesOf(loaded) {
  return [loaded.base.ground_truth, ...loaded.runs];
}

/**
 * Histograms side by side: without the empty bins at both ends.
 * @param {(Histogram | null | undefined)[]} histograms
 * @param {(low: number, high: number | null) => string} name
 */
export function groupsOf(histograms, name) {
  const bins = histograms.find((one) => one)?.map(({ low, high }) => ({ low, high })) ?? [];
  const valueOf = (/** @type {number} */ i) => histograms.map((one) => one?.[i]?.count ?? null);
  const used = bins.flatMap((_, i) => (valueOf(i).some((value) => value) ? [i] : []));
  const [first, last] = [used[0] ?? 0, used.at(-1) ?? -1];
  return bins.slice(first, last + 1).map(({ low, high }, i) => ({
    label: name(low, high),
    low,
    high,
    values: valueOf(first + i),
  }));
}

const range = (/** @type {number} */ low, /** @type {number | null} */ high) =>
  high === null ? `≥ ${count(low)}` : `${count(low)}–${count(high)}`;

/** From 1 to below 2 is 1. */
const numbers = (/** @type {number} */ low, /** @type {number | null} */ high) => {
  if (high === null) return `≥ ${count(low)}`;
  return high === low + 1 ? count(low) : `${count(low)}–${count(high - 1)}`;
};

/** @param {string} what */
function pending(what) {
  return h(
    "p",
    { class: "soft" },
    `${what} are counted by the maintenance, soon after the import.`,
  );
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 */
export function splits(state, loaded) {
  const rows = loaded.base.split_breakdown;
  const chart = bars(
    { caption: "Images and annotations of each split", groupTitle: "split", axis: "number" },
    {
      series: [
        { label: "images", color: "var(--soft)" },
        { label: "annotations", color: sourceColor(0) },
      ],
      groups: rows.map((row) => {
        // The numbers are of all images, and nothing lists those without a split.
        const href = row.split_name && imagesAddress(state, { split: row.split_name, slice: null });
        return {
          label: row.split_name ?? "no split",
          values: [row.image_count, row.gt_count],
          links: [href, href],
        };
      }),
    },
  );
  return card({ id: "splits", title: "Splits" }, chart.element);
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 */
export function sizes(state, loaded) {
  const sources = sourcesOf(loaded);
  const histograms = sources.map((one) => /** @type {Histogram | null} */ (one.sizes));
  if (!histograms.some((one) => one))
    return card({ id: "sizes", title: "Sizes" }, pending("Sizes"));
  const sides = bars(
    {
      caption: "Sizes of annotations",
      groupTitle: "side in pixels",
      axis: "annotations",
      groupAxis: "side of a square of the same area, in pixels",
      direction: "vertical",
    },
    {
      series: seriesOf(loaded),
      groups: groupsOf(histograms, range).map((bin) => ({
        ...bin,
        links: linksOf(state, loaded, {
          min_area: bin.low ** 2 || null,
          below_area: bin.high && bin.high ** 2,
        }),
      })),
    },
  );
  return card({ id: "sizes", title: "Sizes" }, sides.element);
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 */
export function cocoSizes(state, loaded) {
  const sources = sourcesOf(loaded);
  if (!sources.some((one) => one.areas)) return null;
  const areas = bars(
    {
      caption: "Small, medium and large annotations",
      groupTitle: "size",
      axis: "annotations",
    },
    {
      series: seriesOf(loaded),
      groups: [
        { key: "small", label: "small (below 32 × 32)", below: 32 ** 2 },
        { key: "medium", label: "medium", from: 32 ** 2, below: 96 ** 2 },
        { key: "large", label: "large (from 96 × 96)", from: 96 ** 2 },
      ].map(({ key, label, from, below }) => ({
        label,
        links: linksOf(state, loaded, { min_area: from, below_area: below }),
        values: sources.map(
          (one) => /** @type {Record<string, number> | null} */ (one.areas)?.[key] ?? null,
        ),
      })),
    },
  );
  return card({ id: "areas", title: "COCO's sizes" }, areas.element);
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 */
export function perImage(state, loaded) {
  const sources = sourcesOf(loaded);
  const histograms = sources.map((one) => /** @type {Histogram | null} */ (one.per_image));
  const most = h(
    "a",
    { href: imagesAddress(state, { sort: "-annotations" }) },
    "images with most annotations first",
  );
  if (!histograms.some((one) => one)) {
    return card(
      { id: "per-image", title: "Annotations per image" },
      pending("Annotations per image"),
    );
  }
  const chart = bars(
    {
      caption: "Images by their number of annotations",
      groupTitle: "annotations",
      axis: "images",
      groupAxis: "annotations of an image",
      direction: "vertical",
    },
    {
      series: seriesOf(loaded),
      groups: groupsOf(histograms, numbers).map((bin) => ({
        ...bin,
        links: linksOf(state, loaded, {
          min_count: bin.low || null,
          max_count: bin.high && bin.high - 1,
        }),
      })),
    },
  );
  return card(
    { id: "per-image", title: "Annotations per image" },
    chart.element,
    h("p", { class: "note" }, most),
  );
}

/**
 * @param {State} state
 * @param {Loaded} loaded
 */
export function scores(state, loaded) {
  if (!loaded.runs.length) return null;
  const histograms = loaded.runs.map((run) => /** @type {Histogram | null} */ (run.scores));
  const bins = groupsOf(histograms, (low) => low.toFixed(2));
  const chart = bars(
    {
      caption: "Scores of the detections of each run",
      groupTitle: "score from",
      axis: "detections",
      groupAxis: "score, from … on",
      direction: "vertical",
    },
    {
      series: seriesOf(loaded).slice(1),
      groups: bins.map((bin) => ({
        ...bin,
        links: loaded.runs.map((run) =>
          imagesAddress(state, {
            source: run.run_name,
            min_confidence: bin.low || null,
            confidence: bin.low || null,
          }),
        ),
        notes: loaded.runs.map(() => `opens images with scores from ${bin.low.toFixed(2)} on`),
      })),
    },
  );
  return card({ id: "scores", title: "Scores" }, chart.element);
}
