/** Numbers as people read them: thin separators, units, as many digits as mean something. */

const THIN = "\u2009";

/** @param {number} number */
export function count(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

/**
 * A number and its noun: "1 image", "2 images".
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function counted(number, one, many = one + "s") {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/**
 * AP and the like: three digits; "–" where COCO has -1 for what does not exist.
 * @param {number | null | undefined} number
 * @param {number} [digits]
 */
export function metric(number, digits = 3) {
  if (number === null || number === undefined || number < 0) return "–";
  return number.toFixed(digits);
}

/**
 * A difference, with its sign.
 * @param {number | null | undefined} number
 * @param {number} [digits]
 */
export function difference(number, digits = 3) {
  if (number === null || number === undefined) return "–";
  const text = Math.abs(number).toFixed(digits);
  if (Number(text) === 0) return text;
  return (number < 0 ? "−" : "+") + text;
}

/**
 * How many digits the ticks of an axis need, so that no two of them read alike.
 * @param {(number | null | undefined)[]} values  what the axis holds
 * @param {number} [least]
 */
export function tickDigits(values, least = 2) {
  const known = values.filter((value) => typeof value === "number");
  const span = known.length ? Math.max(...known) - Math.min(...known) : 1;
  return span > 1e-9 ? Math.min(8, Math.max(least, Math.ceil(-Math.log10(span / 5)))) : least;
}

/** @param {number | null | undefined} share */
export function percent(share) {
  if (share === null || share === undefined || share < 0) return "–";
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}${THIN}%`;
}

/** @param {number | null | undefined} size */
export function bytes(size) {
  if (size === null || size === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  for (; size >= 1000 && i < units.length - 1; i++) size /= 1000;
  return `${i && size < 100 ? size.toFixed(1) : Math.round(size)}${THIN}${units[i]}`;
}

/** @param {number | null | undefined} ms */
export function duration(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return `${Math.round(ms)}${THIN}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}${THIN}s`;
  const minutes = Math.floor(ms / 60_000);
  const text = `${minutes % 60}${THIN}min`;
  return minutes < 60 ? text : `${Math.floor(minutes / 60)}${THIN}h ${text}`;
}

/** @param {string | null | undefined} time */
export function when(time) {
  if (!time) return "–";
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/**
 * Where in a file something is.
 * @param {{index?: number | null, line?: number | null, column?: number | null,
 *   file?: string | null}} place
 */
export function placeInFile({ index, line, column, file }) {
  const parts = [];
  if (file) parts.push(file);
  if (typeof index === "number") parts.push(`row ${count(index + 1)}`);
  if (typeof line === "number") parts.push(`line ${count(line)}`);
  if (typeof column === "number") parts.push(`column ${count(column)}`);
  return parts.join(", ");
}
