/** Sentences on the operating point, and on types of errors. */

/** Sentences on the operating point. */
export const POINT_WORDS = {
  precision: "Of the detections, the share that is right.",
  recall: "Of the objects, the share that is found.",
  f1: "Both in one number: high only if both are.",
};

/** What a type of error is, and what helps. @type {Record<string, {is: string, helps: string}>} */
export const ERROR_WORDS = {
  missed: {
    is: "Objects that no detection found.",
    helps: "More examples like them, a larger input, or a lower least score.",
  },
  localisation: {
    is: "The right class, but the box is loose or shifted (IoU 0.1 to 0.5).",
    helps: "Look at how boxes are drawn in the ground truth, and at the box loss.",
  },
  classification: {
    is: "The right place, but the wrong class.",
    helps: "More examples of the classes that are mixed up, or clearer rules for labels.",
  },
  both: {
    is: "The wrong class, and the box does not fit.",
    helps: "Often noise of low scores: look at the least score first.",
  },
  duplicate: {
    is: "A second detection of an object that is found already.",
    helps: "A stricter non-maximum suppression.",
  },
  background: {
    is: "Detections where nothing is, or where a label is missing.",
    helps: "Images without objects in the training, and a look at missing labels.",
  },
};

/** Types of errors, those that TIDE has. */
export const ERROR_TYPES = Object.keys(ERROR_WORDS);
