/**
 * Kinds of overlap: of boxes, masks or keypoints. The service calls them iou_type.
 *
 * @typedef {import("./api.js").Schemas} Schemas
 */
import { datasetPath, read } from "./api.js";

export const KINDS = [
  { value: "bbox", label: "Boxes" },
  { value: "segm", label: "Masks" },
  { value: "keypoints", label: "Keypoints" },
];

/** Images that are looked at to learn which kinds a dataset has. */
const LOOKED_AT = 5;

/**
 * The parameter iou_type of a request or an address: none for boxes, which are the default.
 * @param {string} kind
 */
export function kindParameter(kind) {
  return kind === "bbox" ? null : kind;
}

/**
 * The kinds that the rows of a dataset allow: boxes always, masks and keypoints where objects of
 * the first images have them, in the ground truth and in the run that is asked about.
 * @param {string} dataset
 * @param {AbortSignal} signal
 * @param {string | null} [run]
 * @returns {Promise<{kinds: string[], points: number | null}>}  with the number of keypoints of an
 *   object; null: none was seen
 */
export async function kindsOf(dataset, signal, run = null) {
  const sources = run ? ["ground_truth", run] : ["ground_truth"];
  /** @type {Schemas["Images"]} */
  const { images } = await read(
    datasetPath(dataset, "images"),
    { limit: LOOKED_AT, source: sources.at(-1) },
    signal,
  );
  if (images.length === 0) return { kinds: ["bbox"], points: null };
  /** @type {Schemas["AnnotationsBatch"]} */
  const batch = await read(
    datasetPath(dataset, "annotations", "batch"),
    { image_ids: images.map((image) => String(image.image_id)), source: sources },
    signal,
  );
  const rows = batch.images.flatMap((image) => image.annotations);
  const all = (/** @type {(row: Schemas["Annotation"]) => unknown} */ has) =>
    sources.every((source) => rows.some((row) => row.source === source && has(row)));
  const kinds = ["bbox"];
  // What is cut is left out of the answer because it is large: a mask, then.
  if (all((row) => row.segmentation || row.is_cut)) kinds.push("segm");
  if (all((row) => row.keypoints)) kinds.push("keypoints");
  return { kinds, points: pointsOf(rows) };
}

/**
 * How many keypoints an object has. Files have them as triples x, y, visibility (0 to 2, or a
 * score), one after the other; some as pairs, or as a list of either.
 * @param {Schemas["Annotation"][]} rows
 */
export function pointsOf(rows) {
  for (const { keypoints } of rows) {
    if (!Array.isArray(keypoints) || !keypoints.length) continue;
    if (Array.isArray(keypoints[0])) return keypoints.length;
    const third = keypoints.filter((_, i) => i % 3 === 2).map(Number);
    const isTriples = keypoints.length % 3 === 0 && third.every((n) => n >= 0 && n <= 2);
    return keypoints.length / (isTriples ? 3 : 2);
  }
  return null;
}
