/** COCO's numbers: which there are, and what each means for somebody who has not read its code. */

const SIZED = ["AP", "AP50", "AP75", "APs", "APm", "APl"];
const RECALLS = ["AR1", "AR10", "AR100", "ARs", "ARm", "ARl"];
const OF_POINTS = ["AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl"];

/**
 * COCO's numbers of a kind of overlap.
 * @param {string} kind
 */
export function metricsOf(kind) {
  return kind === "keypoints" ? OF_POINTS : [...SIZED, ...RECALLS];
}

/** What a number means, in a few words that can follow its name. @param {string} name */
export function metricPhrase(name) {
  const kind = name.startsWith("AR") ? "recall" : "precision";
  const rest = name.slice(2);
  const sizes = /** @type {Record<string, string>} */ ({
    s: "small objects, below 32 × 32 pixels",
    m: "medium objects, from 32 × 32 to 96 × 96 pixels",
    l: "large objects, above 96 × 96 pixels",
  });
  if (rest === "") return `average ${kind} over overlaps from 0.5 to 0.95`;
  if (rest in sizes) return `average ${kind} of ${sizes[rest]}`;
  if (kind === "recall" && /^(1|10|100)$/.test(rest)) {
    return `average recall with at most ${rest} detection${rest === "1" ? "" : "s"} an image`;
  }
  if (/^\d+$/.test(rest)) {
    return `average ${kind} where an overlap of 0.${rest} is enough`;
  }
  return `average ${kind}`;
}

/** @type {Record<string, string>} */
const SENTENCES = {
  AP: "Average precision, over all classes and IoU thresholds from 0.50 to 0.95. COCO ranks by it.",
  AP50: "Where an overlap of half is enough: are objects found at all?",
  AP75: "Where boxes must fit well: are they placed exactly?",
  APs: "AP of small objects, below 32 × 32 pixels.",
  APm: "AP of medium objects, up to 96 × 96 pixels.",
  APl: "AP of large objects, above 96 × 96 pixels.",
  AR: "The share of objects that are found, at any score, over all IoU thresholds.",
  AR50: "The share of objects that are found with an overlap of half.",
  AR75: "The share of objects that are found with a good overlap.",
  AR1: "The share of objects found if only the surest detection an image and class counts.",
  AR10: "The share found by the ten surest detections of each image and class.",
  AR100: "The share found by up to 100 detections: the most that any score can give.",
  ARs: "AR100 of small objects.",
  ARm: "AR100 of medium objects.",
  ARl: "AR100 of large objects.",
};

/**
 * What a number means, in a sentence or two.
 * @param {string} name
 * @param {import("./api.js").Schemas["IouType"]} iouType
 */
export function metricSentence(name, iouType) {
  const words = SENTENCES[name] ?? "AP or AR of a range of areas.";
  if (iouType === "segm") return words.replace("boxes", "masks");
  if (iouType === "keypoints") {
    return words
      .replace("boxes must fit well", "points must be near")
      .replace(/IoU/g, "OKS")
      .replace("an overlap", "a similarity");
  }
  return words;
}
