/**
 * Which overlaps the rows of a dataset allow: boxes always, masks and keypoints where objects of
 * the first images have them, in the ground truth and in the run that is asked about.
 *
 * @typedef {import("./api.js").Schemas} Schemas
 */
import { datasetPath, read } from "./api.js";

const LOOKED_AT = 5;

/**
 * @param {string} dataset
 * @param {AbortSignal} signal
 * @param {string | null} [run]
 * @returns {Promise<string[]>}
 */
export async function kindsOf(dataset, signal, run = null) {
  const sources = run ? ["ground_truth", run] : ["ground_truth"];
  /** @type {Schemas["Images"]} */
  const { images } = await read(
    datasetPath(dataset, "images"),
    { limit: LOOKED_AT, source: sources.at(-1) },
    signal,
  );
  if (images.length === 0) return ["bbox"];
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
  return kinds;
}
