/**
 * Which detections of a run hit an object, by the rule of the operating point: within a class, the
 * surest first, each takes the free object that it overlaps most.
 *
 * @typedef {import("../../lib/api.js").Schemas["Annotation"]} Annotation
 * @typedef {object} Judged
 * @property {Annotation[]} found  detections that hit
 * @property {Annotation[]} wrong  those that do not
 * @property {Annotation[]} missed  objects that none hit
 * @property {Annotation[]} hit  objects that one hit
 */

/**
 * Intersection over union of two boxes; over the area of the detection for a crowd.
 * @param {readonly number[]} detection
 * @param {readonly number[]} truth
 * @param {boolean} isCrowd
 */
export function overlap(detection, truth, isCrowd = false) {
  const [x, y, width, height] = detection;
  const [left, top, truthWidth, truthHeight] = truth;
  const across = Math.min(x + width, left + truthWidth) - Math.max(x, left);
  const down = Math.min(y + height, top + truthHeight) - Math.max(y, top);
  if (across <= 0 || down <= 0) return 0;
  const common = across * down;
  const all = isCrowd ? width * height : width * height + truthWidth * truthHeight - common;
  return common / all;
}

/**
 * @param {Annotation[]} truths
 * @param {Annotation[]} detections
 * @param {number} iou
 * @returns {Judged}
 */
export function judge(truths, detections, iou) {
  const free = new Set(truths.filter((truth) => !truth.is_crowd));
  const crowds = truths.filter((truth) => truth.is_crowd);
  const judged = /** @type {Judged} */ ({ found: [], wrong: [], missed: [], hit: [] });
  const sorted = [...detections].sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0));
  for (const one of sorted) {
    const best = bestOf(one, free, iou);
    if (best) {
      free.delete(best);
      judged.found.push(one);
      judged.hit.push(best);
    } else if (!isInCrowd(one, crowds, iou)) {
      judged.wrong.push(one);
    }
  }
  judged.missed = [...free];
  return judged;
}

/**
 * @param {Annotation} detection
 * @param {Set<Annotation>} truths
 * @param {number} iou
 */
function bestOf(detection, truths, iou) {
  let best = null;
  let most = iou;
  for (const truth of truths) {
    if (truth.category_id !== detection.category_id) continue;
    const now = overlap(detection.bbox, truth.bbox);
    if (now >= most) {
      best = truth;
      most = now;
    }
  }
  return best;
}

/**
 * @param {Annotation} detection
 * @param {Annotation[]} crowds
 * @param {number} iou
 */
function isInCrowd(detection, crowds, iou) {
  return crowds.some(
    (crowd) =>
      crowd.category_id === detection.category_id &&
      overlap(detection.bbox, crowd.bbox, true) >= iou,
  );
}
