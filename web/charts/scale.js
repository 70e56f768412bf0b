/** Scales and ticks of axes. Plain numbers, nothing of the page. */

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} at  the place of a value, in pixels
 * @property {number[]} ticks
 * @property {number} low
 * @property {number} high
 */

/**
 * @param {number} low
 * @param {number} high
 * @param {number} wanted
 */
function niceStep(low, high, wanted) {
  const rough = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
}

/**
 * Whether there are ticks between two values. Numbers that only rounding tells apart, such as an AP
 * of 1 from two sums, have none.
 * @param {number} low
 * @param {number} high
 */
export function areApart(low, high) {
  return high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high));
}

/**
 * Round numbers from low to high, about so many.
 * @param {number} low
 * @param {number} high
 * @param {number} [wanted]
 * @returns {number[]}
 */
export function niceTicks(low, high, wanted = 5) {
  if (!areApart(low, high)) return [low];
  const step = niceStep(low, high, wanted);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/**
 * A linear scale that holds the values, from round to round unless its ends are given.
 * @param {number[]} values
 * @param {[number, number]} range  pixels
 * @param {{low?: number, high?: number, wanted?: number}} [options]
 * @returns {Scale}
 */
export function linearScale(values, range, options = {}) {
  const known = values.filter(Number.isFinite);
  const smallest = options.low ?? Math.min(0, ...known);
  const largest = options.high ?? Math.max(...(known.length ? known : [1]));
  const span = largest > smallest ? largest : smallest + 1;
  const step = niceStep(smallest, span, options.wanted ?? 5);
  const low = options.low ?? Math.floor(smallest / step + 1e-9) * step;
  const high = options.high ?? Math.ceil(span / step - 1e-9) * step;
  const at = (/** @type {number} */ value) =>
    range[0] + ((value - low) / (high - low)) * (range[1] - range[0]);
  return { at, ticks: niceTicks(low, high, options.wanted), low, high };
}

/**
 * A scale for counts of very different sizes: by their logarithm, and 0 at its beginning.
 * @param {number[]} values
 * @param {[number, number]} range
 * @returns {Scale}
 */
export function logScale(values, range) {
  const largest = Math.max(1, ...values.filter(Number.isFinite));
  const whole = Math.log10(1 + largest);
  const share = (/** @type {number} */ value) => Math.log10(1 + Math.max(0, value)) / whole;
  const at = (/** @type {number} */ value) => range[0] + share(value) * (range[1] - range[0]);
  const powers = Array.from({ length: Math.floor(Math.log10(largest)) + 1 }, (_, i) => 10 ** i);
  return { at, ticks: [0, ...powers], low: 0, high: largest };
}
