/** Colours: of classes, fixed by their names and the same everywhere; of sources; of outcomes. */

/** With this start the names of the demo data and of a street have colours far apart. */
const SEED = 6154;

/**
 * A number that depends on a text alone: FNV-1a, and the bits mixed as in MurmurHash3.
 * @param {string} text
 */
function hash(text) {
  let value = SEED;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * @param {string} name
 * @returns {string}
 */
export function classColor(name) {
  const bits = hash(name);
  const hue = ((bits & 0xffff) / 0x10000) * 360;
  const light = 50 + ((bits >>> 16) % 3) * 7;
  return `hsl(${hue.toFixed(0)} ${72 + ((bits >>> 20) % 3) * 8}% ${light}%)`;
}

/** Ground truth, then runs in their order: told apart by people who do not see colours alike. */
const SOURCES = ["#1b9e77", "#e6550d", "#3182bd", "#ad3fbf", "#c6a100", "#d6336c", "#6b7280"];

/** @param {number} index  0: ground truth, 1…: runs */
export function sourceColor(index) {
  return index === 0 ? SOURCES[0] : SOURCES[1 + ((index - 1) % (SOURCES.length - 1))];
}

/** @type {Record<string, string>} */
const OUTCOMES = {
  true_positive: "#2f9e44",
  localisation: "#f08c00",
  classification: "#9c36b5",
  both: "#c2255c",
  duplicate: "#1c7ed6",
  background: "#e03131",
  missed: "#5f3dc4",
  ignored: "#868e96",
};

/** @param {string | null | undefined} outcome */
export function outcomeColor(outcome) {
  return OUTCOMES[outcome ?? "ignored"] ?? OUTCOMES.ignored;
}
