/** Which kinds of overlap a run can be evaluated by. */
import { datasetPath, pages, read } from "../../lib/api.js";

/**
 * @typedef {import("./state.js").IouType} IouType
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 */

/** Images that are looked at: no document says what the rows of a run have. */
const SAMPLE = 6;

/**
 * What rows of some images have, and what was evaluated before.
 * @param {string} dataset
 * @param {string} run
 * @param {AbortSignal} signal
 * @returns {Promise<IouType[]>}
 */
export async function kindsOf(dataset, run, signal) {
  const kinds = new Set(/** @type {IouType[]} */ (["bbox"]));
  /** @type {Schemas["Images"]} */
  const list = await read(datasetPath(dataset, "images"), { source: run, limit: SAMPLE }, signal);
  if (list.images.length) {
    const ids = list.images.map((image) => String(image.image_id));
    /** @type {Schemas["AnnotationsBatch"]} */
    const batch = await read(
      datasetPath(dataset, "annotations", "batch"),
      { image_ids: ids, source: ["ground_truth", run] },
      signal,
    );
    const rows = batch.images.flatMap((image) => image.annotations);
    const both = (/** @type {(row: Schemas["Annotation"]) => unknown} */ has) =>
      ["ground_truth", run].every((source) =>
        rows.some((row) => row.source === source && (has(row) || row.is_cut)),
      );
    if (both((row) => row.segmentation)) kinds.add("segm");
    if (both((row) => row.keypoints)) kinds.add("keypoints");
  }
  const path = datasetPath(dataset, "runs", run, "evaluations");
  for await (const page of /** @type {AsyncGenerator<Schemas["EvaluationHistory"]>} */ (
    pages(path, {}, signal)
  )) {
    for (const one of page.evaluations) if (one.is_current) kinds.add(one.iou_type);
    break; // the newest tell enough
  }
  const order = /** @type {IouType[]} */ (["bbox", "segm", "keypoints"]);
  return order.filter((kind) => kinds.has(kind));
}
