/**
 * Which overlaps the rows of a dataset allow: boxes always, masks and keypoints where objects of
 * the first images have them.
 *
 * @typedef {import("./api.js").Schemas} Schemas
 */
import { datasetPath, read } from "./api.js";

const LOOKED_AT = 5;

/**
 * @param {string} dataset
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>}
 */
export async function kindsOf(dataset, signal) {
  /** @type {Schemas["Images"]} */
  const { images } = await read(
    datasetPath(dataset, "images"),
    { limit: LOOKED_AT, source: "ground_truth" },
    signal,
  );
  if (images.length === 0) return ["bbox"];
  /** @type {Schemas["AnnotationsBatch"]} */
  const batch = await read(
    datasetPath(dataset, "annotations", "batch"),
    { image_ids: images.map((image) => String(image.image_id)), source: "ground_truth" },
    signal,
  );
  const rows = batch.images.flatMap((image) => image.annotations);
  const kinds = ["bbox"];
  if (rows.some((row) => row.segmentation)) kinds.push("segm");
  if (rows.some((row) => row.keypoints)) kinds.push("keypoints");
  return kinds;
}
