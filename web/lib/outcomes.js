/** Outcomes: what became of a detection, or of an object, in an evaluation. */

/** In the order in which they are listed. */
export const OUTCOMES = /** @type {const} */ ([
  "true_positive",
  "localisation",
  "classification",
  "both",
  "duplicate",
  "background",
  "missed",
  "ignored",
]);

/** What an outcome means, in words. @type {Record<string, string>} */
export const OUTCOME_WORDS = {
  true_positive: "found: right class, IoU above the threshold",
  localisation: "right class, box too loose or shifted",
  classification: "right place, wrong class",
  both: "wrong class and box too loose",
  duplicate: "a second detection of an object that is found",
  background: "nothing is there",
  missed: "an object that no detection found",
  ignored: "left out of the evaluation: a crowd, or not of the sizes asked for",
};

/** @param {string} outcome */
export function outcomeName(outcome) {
  return outcome.replace("_", " ");
}

/** Rows have the outcomes that they have at this overlap, whatever the sliders say. */
const OUTCOME_IOU = 0.5;

/**
 * What is to be known of the images that a cell of the confusion matrix opens: "" where they are
 * those that it counts.
 * @param {{iou: number}} point  of the numbers in the cells
 * @param {string} kind  of overlap
 */
export function cellNote({ iou }, kind) {
  if (iou === OUTCOME_IOU) return "";
  const overlap = kind === "keypoints" ? "OKS" : "IoU";
  return (
    `The numbers are of ${overlap} ${iou.toFixed(2)}, the images that they open of ` +
    `${overlap} ${OUTCOME_IOU.toFixed(2)}: there may be more of them, or fewer.`
  );
}
