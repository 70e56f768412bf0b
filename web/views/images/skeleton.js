/** Which points of a class are joined, as its file says. */

/**
 * @param {import("./state.js").Facets} facets
 * @returns {(row: {category_id: number}) => number[][]}  pairs of points, counted from 1
 */
export function skeletonsOf({ skeletons }) {
  const pairs = new Map(skeletons.map((one) => [one.category_id, one.skeleton.filter(isPair)]));
  return ({ category_id }) => pairs.get(category_id) ?? [];
}

/**
 * @param {unknown} pair
 * @returns {pair is number[]}
 */
function isPair(pair) {
  return Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger);
}
