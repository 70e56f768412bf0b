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
