/**
 * Sigmas of keypoints: how exactly each point can be placed. COCO has them for its 17 points;
 * objects with another number of points have no overlap before somebody gives them.
 */
import { counted } from "./format.js";
import { kindParameter } from "./kinds.js";

const COCO_POINTS = 17;
/** What the service takes. */
const MOST_POINTS = 256;
const LEAST = 1e-6;
const MOST = 10;

/** The mean of COCO's own, for those who know nothing better. */
export const MEAN_SIGMA = 0.067;

/**
 * The parameters of requests and addresses that say what overlaps. Only keypoints take sigmas.
 * @param {{kind: string, sigmas: string}} overlap
 */
export function overlapQuery({ kind, sigmas }) {
  return { iou_type: kindParameter(kind), sigmas: kind === "keypoints" ? sigmas : null };
}

/**
 * Whether there is a question of sigmas at all.
 * @param {string} kind
 * @param {string} sigmas  of the address
 * @param {number | null} points  of an object; null: not known
 */
export function hasSigmas(kind, sigmas, points) {
  return kind === "keypoints" && (sigmas !== "" || (points !== null && points !== COCO_POINTS));
}

/**
 * The same number for each point.
 * @param {number} sigma
 * @param {number} points
 */
export function equalSigmas(sigma, points) {
  return Array(points).fill(sigma).join(",");
}

/**
 * What a person wrote, as the service takes it: one number stands for all points.
 * @param {string} text
 * @param {number | null} points
 */
export function readSigmas(text, points) {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const isForAll = parts.length === 1 && points !== null;
  return isForAll ? Array(points).fill(parts[0]).join(",") : parts.join(",");
}

/**
 * Sigmas as a person writes them: one number where it is that of all points.
 * @param {string} text
 * @param {number | null} points
 */
export function shownSigmas(text, points) {
  const parts = text.split(",");
  const isForAll = parts.length === points && parts.every((part) => part === parts[0]);
  return isForAll ? parts[0] : parts.join(", ");
}

/**
 * Whether sigmas of an address are those of parameters.
 * @param {string} text
 * @param {number[] | null | undefined} sigmas
 */
export function isSameSigmas(text, sigmas) {
  return text.split(",").map(Number).join() === sigmas?.join();
}

/**
 * Whether a stored evaluation is of all images and classes, by COCO's parameters: but for the
 * sigmas that were chosen.
 * @param {import("./api.js").Schemas["EvaluationHistory"]["evaluations"][number]} one
 * @param {string} kind
 * @param {string | null} sigmas
 */
export function isOfAll({ iou_type, is_default, params }, kind, sigmas) {
  if (iou_type !== kind) return false;
  if (!sigmas) return is_default;
  const isPart = params?.split || params?.slice || params?.categories;
  return !isPart && params?.iou_thresholds.length === 10 && isSameSigmas(sigmas, params.sigmas);
}

/**
 * What is wrong with sigmas, in a sentence; "" if nothing is.
 * @param {string} kind
 * @param {string} sigmas
 * @param {number | null} points
 */
export function sigmasProblem(kind, sigmas, points) {
  if (!hasSigmas(kind, sigmas, points)) return "";
  const objects = `These objects have ${counted(points ?? 0, "point")}`;
  if (!sigmas) return `${objects}, and COCO has sigmas for its ${COCO_POINTS} points alone.`;
  const parts = sigmas.split(",");
  const wrong = parts.find((part) => !(Number(part) >= LEAST && Number(part) <= MOST));
  if (wrong !== undefined) {
    return `“${wrong}” is no sigma: each is a number from ${LEAST} to ${MOST}.`;
  }
  const many = counted(parts.length, "sigma");
  if (points === null) {
    return parts.length > MOST_POINTS ? `${many} are too many: at most ${MOST_POINTS}.` : "";
  }
  return parts.length === points ? "" : `${objects}, but there are ${many}.`;
}
