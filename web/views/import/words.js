/** What an import says, in words: reasons, phases, hints that something can be done about. */
import { bytes, count, counted } from "../../lib/format.js";

/**
 * @typedef {import("../../lib/uploads.js").Upload} Upload
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 */

/** Why a row is skipped. @type {Record<string, string>} */
export const REASONS = {
  unknown_image: "the dataset has no such image",
  unknown_category: "the dataset has no such class",
  missing_field: "no image, class or score; or no box, mask or keypoints",
  wrong_type: "something is not what it must be, such as a text for a number",
  non_finite: "NaN or Infinity in the row",
  out_of_range: "a number that is too large",
  name_too_long: "a name that is too long",
  invalid_bbox: "the box is not four numbers, or has a negative side",
  invalid_segmentation: "the mask does not cover its image, or is none",
  invalid_keypoints: "keypoints are neither triples nor pairs",
  duplicate_id: "the id is taken already",
  invalid_file: "not such a file",
};

/** @type {Record<string, string>} */
const PHASES = {
  copy: "copying rows",
  index: "building the index",
  attach: "making the rows visible",
  publish: "publishing",
};

/** What a file becomes. @param {Upload} upload */
export function targetOf(upload) {
  const { kind, dataset, run } = upload;
  if (!dataset) return ""; // of an import that another browser has begun: while it runs
  if (kind === "run") return `run ${run} of ${dataset}`;
  if (kind === "add") return `second file of ${dataset}`;
  return `${kind === "replace" ? "ground truth of" : "dataset"} ${dataset}`;
}

/** How it goes, while it goes. @param {Upload} upload */
export function progressWords(upload) {
  const { state, size, sent = 0, rows = 0, rate = 0, phase = "", after } = upload;
  if (state === "waiting") return after ? `waits for ${after.fileName}` : "waits for its turn";
  if (state === "stopping") return "stopping";
  if (phase === "asking") return "no answer: the page asks what has become of it";
  const parts = [];
  if (state === "sending") parts.push(`${bytes(sent)} of ${bytes(size)} sent`);
  if (state === "working") {
    parts.push(size ? `all ${bytes(size)} sent` : "sent");
    parts.push(PHASES[phase] ?? "the server works");
  }
  if (rows) parts.push(counted(rows, "row"));
  if (rows && rate && phase === "copy") parts.push(`${count(rate)} rows/s`);
  return parts.join(" · ");
}

/**
 * What a sentence of the service offers to do: the same file again, with an option.
 * @param {string} text  a hint, or the detail of a problem
 * @returns {{label: string, options: Record<string, string>}[]}
 */
export function remedies(text) {
  const found = [];
  for (const [, value] of text.matchAll(/category_offset=(-?\d+)/g)) {
    found.push({
      label: `Import again with category_offset=${value}`,
      options: { category_offset: value },
    });
  }
  for (const value of ["name", "id"]) {
    if (!text.includes(`match=${value}`)) continue;
    found.push({ label: `Import again with match=${value}`, options: { match: value } });
  }
  if (/\brenumber=1/.test(text)) {
    found.push({ label: "Import again with new ids (renumber=1)", options: { renumber: "1" } });
  }
  return found;
}

/**
 * Whether rows were lost, in one sentence.
 * @param {{taken: number, skipped: number, noun: string, isDryRun: boolean}} counts
 */
export function takenSentence({ taken, skipped, noun, isDryRun }) {
  const all = taken + skipped;
  const verb = isDryRun ? "would be" : all === 1 ? "was" : "were";
  if (all === 0) return "The file has no rows.";
  if (skipped === 0) {
    return all === 1 ? `The ${noun} ${verb} taken.` : `All ${counted(all, noun)} ${verb} taken.`;
  }
  return `${count(taken)} of ${counted(all, noun)} ${verb} taken, ${count(skipped)} skipped.`;
}
