/**
 * Names: what is allowed for runs and datasets, what a file's name suggests, and how runs,
 * splits and classes are called.
 */

/** As the service says it. */
export const NAME_RULE =
  "1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or a digit";
export const NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,62}";

const NAME = new RegExp(`^(${NAME_PATTERN})$`);

/**
 * What is wrong with a name, in words; "" if nothing is.
 * @param {string} name
 * @param {"run" | "dataset" | "split" | "slice"} kind
 */
export function nameProblem(name, kind) {
  if (!NAME.test(name)) return `a ${kind} needs a name of ${NAME_RULE}`;
  if (kind === "run" && name === "ground_truth") return "a run cannot be called ground_truth";
  if (kind === "dataset" && /^\d+$/.test(name)) return "the name of a dataset is not a number";
  return "";
}

/** @param {string} file */
function withoutEndings(file) {
  let name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const ending = /\.(json|jsonl|ndjson|gz|zst)$/i;
  while (ending.test(name)) name = name.replace(ending, "");
  return name;
}

/**
 * The name that a file suggests, by the service's own rule; "" if it suggests none.
 * @param {string} file
 */
export function nameFromFile(file) {
  return withoutEndings(file)
    .replace(/[^A-Za-z0-9._]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63)
    .replace(/[-.]+$/, "");
}

/** Words in file names of ground truths that say what all of them are. */
const COMMON = /^(instances|person_keypoints|captions|annotations?|coco|labels?|gt)[-_]+/i;
const SPLIT = /(^|[-_.])(train|val|valid|validation|test|minival|dev)(?=\d|[-_.]|$)/i;

/**
 * The split that the file of a ground truth names; "" if it names none.
 * @param {string} file
 */
export function splitFromFile(file) {
  return (SPLIT.exec(withoutEndings(file))?.[2] ?? "").toLowerCase();
}

/**
 * The name of a dataset that the file of a ground truth suggests.
 * @param {string} file
 */
export function datasetFromFile(file) {
  const name = nameFromFile(file);
  const short = name.replace(COMMON, "");
  return nameProblem(short, "dataset") ? (nameProblem(name, "dataset") ? "" : name) : short;
}

/**
 * The name that files of the splits of one dataset have in common, without the splits; "" if there
 * is none.
 * @param {string[]} files
 */
export function commonDataset(files) {
  const rest = files.map((file) =>
    nameFromFile(file)
      .replace(COMMON, "")
      .replace(SPLIT, "$1")
      .replace(/[-_.]+$/, "")
      .replace(/^[-_.]+/, ""),
  );
  const isOne = rest.every((name) => name === rest[0]) && files.every(splitFromFile);
  return isOne && !nameProblem(rest[0], "dataset") ? rest[0] : "";
}

/**
 * The name of a class; one without a name has its id.
 * @param {{category: string | null, category_id: number}} row
 */
export function className({ category, category_id }) {
  return category ?? `class ${category_id}`;
}

/** Longer names of files are cut in sentences and lists. */
const LONGEST = 60;

/**
 * A name that may be of any length, for a place that has room for a short one. The whole name
 * belongs into the title of the element.
 * @param {string} name
 * @param {number} [most]
 */
export function cutName(name, most = LONGEST) {
  const letters = [...name];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : name;
}

/**
 * The runs of a dataset, as its facets list them beside the ground truth.
 * @param {import("./api.js").Schemas["Facets"]} facets
 */
export function runNames({ sources }) {
  return sources.map(({ source }) => source).filter((source) => source !== "ground_truth");
}

/** @param {import("./api.js").Schemas["Facets"]} facets */
export function splitNames({ splits }) {
  return splits.flatMap(({ split }) => split ?? []);
}
