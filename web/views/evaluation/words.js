/** One sentence on each number: what it means, for somebody who has not read COCO's code. */

/** @type {Record<string, string>} */
const BOX = {
  AP: "Average precision, over all classes and IoU thresholds from 0.50 to 0.95. COCO ranks by it.",
  AP50: "Where an overlap of half is enough: are objects found at all?",
  AP75: "Where boxes must fit well: are they placed exactly?",
  APs: "AP of small objects, below 32 × 32 pixels.",
  APm: "AP of medium objects, up to 96 × 96 pixels.",
  APl: "AP of large objects, above 96 × 96 pixels.",
  AR: "The share of objects that are found, at any confidence, over all IoU thresholds.",
  AR50: "The share of objects that are found with an overlap of half.",
  AR75: "The share of objects that are found with a good overlap.",
  AR1: "The share of objects found if only the surest detection an image and class counts.",
  AR10: "The share found by the ten surest detections of each image and class.",
  AR100: "The share found by up to 100 detections: the most that any confidence can give.",
  ARs: "AR100 of small objects.",
  ARm: "AR100 of medium objects.",
  ARl: "AR100 of large objects.",
};

/**
 * @param {string} name
 * @param {import("./state.js").IouType} iouType
 */
export function metricWords(name, iouType) {
  const words = BOX[name] ?? "AP or AR of a range of areas.";
  if (iouType === "segm") return words.replace("boxes", "masks");
  if (iouType === "keypoints") {
    return words
      .replace("boxes must fit well", "points must be near")
      .replace(/IoU/g, "OKS")
      .replace("overlap", "similarity");
  }
  return words;
}

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
    helps: "More examples like them, a larger input, or a lower confidence.",
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
    helps: "Often noise of low scores: look at the confidence first.",
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
