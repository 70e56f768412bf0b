/**
 * Masks as run lengths. COCO counts pixels column by column, those outside of the mask first;
 * counts are a list, or a text of its own that pycocotools writes.
 *
 * @typedef {object} Run  a vertical piece of a mask: column x, from row `top` to below `bottom`
 * @property {number} x
 * @property {number} top
 * @property {number} bottom
 */

/**
 * The counts in COCO's text: 5 bits a character, the sixth says that more follow, and from the
 * fourth number on each is a difference to the one before the last.
 * @param {string} text
 * @returns {number[]}
 */
export function decodeCounts(text) {
  const counts = /** @type {number[]} */ ([]);
  for (let i = 0; i < text.length;) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && i < text.length) {
      const bits = text.charCodeAt(i++) - 48;
      value += (bits & 31) * 2 ** shift;
      more = (bits & 32) !== 0;
      shift += 5;
      if (!more && bits & 16) value -= 2 ** shift;
    }
    if (counts.length > 2) value += counts[counts.length - 2];
    counts.push(value);
  }
  return counts;
}

/**
 * The run lengths of a segmentation, or null where it is something else.
 * @param {unknown} segmentation
 * @returns {{width: number, height: number, counts: number[]} | null}
 */
export function rleOf(segmentation) {
  if (typeof segmentation !== "object" || segmentation === null) return null;
  const { size, counts } = /** @type {{size?: unknown, counts?: unknown}} */ (segmentation);
  if (!Array.isArray(size) || size.length !== 2) return null;
  const [height, width] = size.map(Number);
  if (!(height > 0) || !(width > 0)) return null;
  if (typeof counts === "string") return { width, height, counts: decodeCounts(counts) };
  return Array.isArray(counts) ? { width, height, counts: counts.map(Number) } : null;
}

/** A mask of more pieces would take all the memory there is: it is drawn as its box. */
export const MOST_RUNS = 300_000;

/**
 * The pieces of a mask, none of one that has too many, column by column, each from top to bottom.
 * @param {{width: number, height: number, counts: number[]}} rle
 * @returns {Run[]}
 */
export function runsOf({ width, height, counts }) {
  const runs = /** @type {Run[]} */ ([]);
  const end = width * height;
  let at = 0;
  for (let i = 0; i < counts.length && at < end; i++) {
    const length = Math.min(end - at, Math.max(0, counts[i] || 0));
    if (i % 2 === 1) addRuns(runs, at, at + length, height);
    at += length;
  }
  return runs.length > MOST_RUNS ? [] : runs;
}

/**
 * @param {Run[]} runs
 * @param {number} from
 * @param {number} to
 * @param {number} height
 */
function addRuns(runs, from, to, height) {
  while (from < to && runs.length <= MOST_RUNS) {
    const x = Math.floor(from / height);
    const top = from - x * height;
    const bottom = Math.min(height, top + to - from);
    const last = runs[runs.length - 1];
    if (last && last.x === x && last.bottom === top) last.bottom = bottom;
    else runs.push({ x, top, bottom });
    from += bottom - top;
  }
}

/**
 * The outline of a mask as single lines [x1, y1, x2, y2] between pixels that are in it and pixels
 * that are not.
 * @param {Run[]} runs
 * @returns {number[][]}
 */
export function outlineOf(runs) {
  const lines = /** @type {number[][]} */ ([]);
  const columns = new Map(/** @type {[number, Run[]][]} */ ([]));
  for (const run of runs) {
    lines.push([run.x, run.top, run.x + 1, run.top], [run.x, run.bottom, run.x + 1, run.bottom]);
    const column = columns.get(run.x);
    if (column) column.push(run);
    else columns.set(run.x, [run]);
  }
  for (const x of new Set([...columns.keys()].flatMap((x) => [x, x + 1]))) {
    for (const [top, bottom] of differences(columns.get(x - 1) ?? [], columns.get(x) ?? [])) {
      lines.push([x, top, x, bottom]);
    }
  }
  return lines;
}

/**
 * Where just one of two columns is in the mask.
 * @param {Run[]} left
 * @param {Run[]} right
 */
function differences(left, right) {
  const edges = [...left, ...right].flatMap(({ top, bottom }) => [top, bottom]);
  edges.sort((a, b) => a - b);
  const pieces = /** @type {number[][]} */ ([]);
  for (let i = 0; i + 1 < edges.length; i += 2) {
    if (edges[i] < edges[i + 1]) pieces.push([edges[i], edges[i + 1]]);
  }
  return pieces;
}
