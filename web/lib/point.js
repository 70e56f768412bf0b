/**
 * The operating point of addresses and requests: what overlaps by at least this IoU is right, and
 * detections of lower confidence do not count.
 *
 * @typedef {{iou: number, confidence: number}} Point
 */
import { numberIn } from "./address.js";

/** Those that the service takes where a request says nothing. */
const IOU = 0.5;
export const CONFIDENCE = 0.25;

/**
 * The point that an address says.
 * @param {URLSearchParams} query
 * @returns {Point}
 */
export function pointIn(query) {
  return {
    iou: numberIn(query, "iou", IOU, 0.05, 0.95),
    confidence: numberIn(query, "confidence", CONFIDENCE),
  };
}

/**
 * The parameters of a point; what is the service's own is left out.
 * @param {Point} point
 */
export function pointParameters({ iou, confidence }) {
  return { iou: iou === IOU ? null : iou, confidence: confidenceParameter(confidence) };
}

/** @param {number} confidence */
export function confidenceParameter(confidence) {
  return confidence === CONFIDENCE ? null : confidence;
}
