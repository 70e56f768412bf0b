/** Which points of a person are joined, as COCO has them: for classes of 17 points that say none. */
export const COCO_SKELETON = [
  ...[
    [16, 14],
    [14, 12],
    [17, 15],
    [15, 13],
    [12, 13],
    [6, 12],
    [7, 13],
    [6, 7],
    [6, 8],
    [7, 9],
  ],
  ...[
    [8, 10],
    [9, 11],
    [2, 3],
    [1, 2],
    [1, 3],
    [2, 4],
    [3, 5],
    [4, 6],
    [5, 7],
  ],
];

/**
 * @param {{keypoints: unknown}} row
 * @returns {number[][]}
 */
export function skeletonOf({ keypoints }) {
  return Array.isArray(keypoints) && keypoints.length === 51 ? COCO_SKELETON : [];
}
