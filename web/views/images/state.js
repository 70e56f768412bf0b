/**
 * What the images view shows, as its address says, and what it asks the service for that.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {Schemas["Facets"]} Facets
 * @typedef {object} State
 * @property {string[]} runs  drawn beside the ground truth
 * @property {boolean} side  two runs side by side
 * @property {string | null} image  shown large
 * @property {"both" | "truth" | "predictions"} show
 * @property {number} confidence
 * @property {"class" | "source" | "outcome"} color
 * @property {"bbox" | "segm" | "keypoints"} iouType
 * @property {string} sigmas  of keypoints; "": COCO's
 * @property {boolean} labels
 * @property {boolean} masks
 * @property {boolean} points
 * @property {number} line
 * @property {number} tile  the width of tiles, in pixels
 * @property {Set<string>} hidden  turned off in the legend
 * @property {Record<string, string>} filters
 * @property {{truth: string, predicted: string, confidence: string} | null} cell  of the confusion
 *   matrix; "" for a confidence is the service's own
 * @typedef {{path: string, query: import("../../lib/address.js").QueryValues}} Request
 */
import { listIn, numberIn } from "../../lib/address.js";
import { datasetPath } from "../../lib/api.js";
import { className, runNames } from "../../lib/names.js";
import { pointIn } from "../../lib/point.js";
import { overlapQuery as overlapOf } from "../../lib/sigmas.js";
import { isTruth, outcomeOf } from "../../viewer/geometry.js";
import { hasSize } from "./amounts.js";

/** Parameters of the list; `source` says what the others are about. */
const FILTERS = [
  "split",
  "slice",
  "category",
  "outcome",
  "min_confidence",
  "min_area",
  "below_area",
  "min_count",
  "max_count",
  "search",
];

/** What images are sorted by. */
export const SORTS = [
  { value: "", label: "as in the file (id)" },
  { value: "-id", label: "last id first" },
  { value: "-errors", label: "most errors first" },
  { value: "errors", label: "fewest errors first" },
  { value: "-annotations", label: "most objects first" },
  { value: "annotations", label: "fewest objects first" },
  { value: "file_name", label: "file name" },
  { value: "-file_name", label: "file name, backwards" },
  { value: "-size", label: "largest first" },
  { value: "size", label: "smallest first" },
];

/**
 * @template {string} T
 * @param {string | null} value
 * @param {readonly T[]} values  the first one is the default
 * @returns {T}
 */
function oneOf(value, values) {
  return values.find((one) => one === value) ?? values[0];
}

/** A name of the legend, which may hold commas. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Tiles of which a telephone has two in a row, and a large window not too many. */
export function defaultTile() {
  return innerWidth < 600 ? 150 : 220;
}

/**
 * @param {URLSearchParams} query
 * @param {Facets} facets
 * @returns {State}
 */
export function stateOf(query, facets) {
  const asked = listIn(query, "run").slice(0, 19);
  const runs = asked.length ? asked : runNames(facets).slice(0, 1);
  const filters = /** @type {Record<string, string>} */ ({});
  for (const name of [...FILTERS, "source", "sort"]) {
    const value = query.get(name);
    if (value) filters[name] = value;
  }
  const [truth, predicted] = [query.get("truth") ?? "", query.get("predicted") ?? ""];
  return {
    runs,
    side: query.get("side") === "1" && runs.length > 1,
    image: query.get("image"),
    show: oneOf(query.get("show"), ["both", "truth", "predictions"]),
    confidence: pointIn(query).confidence,
    color: oneOf(query.get("color"), ["class", "source", "outcome"]),
    iouType: oneOf(query.get("iou_type"), ["bbox", "segm", "keypoints"]),
    sigmas: query.get("sigmas") ?? "",
    labels: query.get("labels") !== "0",
    masks: query.get("masks") !== "0",
    points: query.get("points") !== "0",
    line: numberIn(query, "line", 2, 0.5, 6),
    tile: numberIn(query, "tile", defaultTile(), 72, 640),
    hidden: new Set(listIn(query, "hide").map(decoded)),
    filters,
    cell: truth || predicted ? cellOf(truth, predicted, query) : null,
  };
}

/**
 * A cell is one of a confidence: that of the link, which the slider leaves behind as another.
 * @param {string} truth
 * @param {string} predicted
 * @param {URLSearchParams} query
 */
function cellOf(truth, predicted, query) {
  return {
    truth: truth || "background",
    predicted: predicted || "background",
    confidence: query.get("min_confidence") ?? query.get("confidence") ?? "",
  };
}

/**
 * Tells the rows that a list is about: those of the cell, with the outcome, or of the size. They
 * stand out on the tiles; all others are drawn, too.
 * @param {State} state
 * @returns {null | ((row: Schemas["Annotation"], rows: Schemas["Annotation"][]) => boolean)}
 */
export function emphasisOf(state) {
  const { cell, filters } = state;
  const run = filterRun(state);
  if (cell) {
    const wanted = (/** @type {Schemas["Annotation"]} */ row) =>
      isTruth(row) ? cell.truth : row.source === run ? cell.predicted : "";
    return (row) => [className(row), String(row.category_id)].includes(wanted(row));
  }
  const { outcome, category, min_confidence, min_area, below_area } = filters;
  if (!outcome && !min_area && !below_area) return null;
  const source = listFilters(state).source ?? "ground_truth";
  const isMeant = (
    /** @type {Schemas["Annotation"]} */ row,
    /** @type {Schemas["Annotation"][]} */ rows,
  ) =>
    outcome
      ? (isTruth(row) || row.source === run) && outcomeOf(row, rows, run) === outcome
      : row.source === source && hasSize(filters, row);
  return (row, rows) =>
    isMeant(row, rows) &&
    (!category || [className(row), String(row.category_id)].includes(category)) &&
    (!min_confidence || (row.confidence ?? 0) >= Number(min_confidence));
}

/** The run that the filters of rows are about. @param {State} state */
export function filterRun({ filters, runs }) {
  return filters.source && filters.source !== "ground_truth" ? filters.source : (runs[0] ?? "");
}

/**
 * The parameters of the list: a filter of outcomes or scores, and an order by errors, need a run.
 * @param {State} state
 * @returns {Record<string, string>}
 */
export function listFilters(state) {
  const { filters, iouType } = state;
  const made = { ...filters };
  const isErrors = /errors$/.test(filters.sort ?? "");
  if (isErrors) made.run = filterRun(state);
  if (iouType !== "bbox" && (filters.outcome || isErrors)) made.iou_type = iouType;
  if (filters.outcome || filters.min_confidence) made.source = filterRun(state);
  else if (!filters.category && filters.source === "ground_truth") delete made.source;
  return made;
}

/**
 * Those that choose the images, without their order.
 * @param {State} state
 */
export function choiceFilters(state) {
  const made = listFilters({ ...state, filters: { ...state.filters, sort: "" } });
  delete made.sort;
  return made;
}

/** Whether the list is all images by their ids, of which any place can be asked for. */
export function isWhole(/** @type {State} */ state) {
  return !state.cell && Object.keys(listFilters(state)).length === 0;
}

/**
 * What overlaps, for what makes outcomes where there are none yet.
 * @param {Pick<State, "iouType" | "sigmas">} state
 */
export function overlapQuery({ iouType, sigmas }) {
  return overlapOf({ kind: iouType, sigmas });
}

/**
 * What lists the images.
 * @param {string} dataset
 * @param {State} state
 * @returns {Request}
 */
export function listRequest(dataset, state) {
  if (!state.cell) return { path: datasetPath(dataset, "images"), query: listFilters(state) };
  const { truth, predicted, confidence } = state.cell;
  return {
    path: datasetPath(dataset, "runs", filterRun(state), "errors", "images"),
    query: {
      truth,
      predicted,
      ...overlapQuery(state),
      min_confidence: confidence,
      split: state.filters.split,
      slice: state.filters.slice,
    },
  };
}

/** The sources whose rows are read. @param {State} state */
export function sourcesOf({ runs, show }) {
  return show === "truth" ? ["ground_truth"] : ["ground_truth", ...runs];
}

/**
 * @param {State} state
 * @param {Facets} facets
 * @param {string} run
 */
function lacks(state, facets, run) {
  const source = facets.sources.find((one) => one.source === run);
  return source !== undefined && !source.outcomes?.[state.iouType];
}

/**
 * Whether the list cannot be asked for, because its run has no outcomes yet.
 * @param {State} state
 * @param {Facets} facets
 */
export function listLacksOutcomes(state, facets) {
  const { cell, filters } = state;
  const isNeeded = cell || filters.outcome || /errors$/.test(filters.sort ?? "");
  return Boolean(isNeeded) && lacks(state, facets, filterRun(state));
}

/**
 * The run whose outcomes the list or the colours lack.
 * @param {State} state
 * @param {Facets} facets
 * @returns {string | null}
 */
export function lacksOutcomes(state, facets) {
  if (listLacksOutcomes(state, facets)) return filterRun(state);
  if (state.color !== "outcome") return null;
  return state.runs.find((run) => lacks(state, facets, run)) ?? null;
}
