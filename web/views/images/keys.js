/** The keys of the images view. */

/**
 * @param {object} options
 * @param {import("./side.js").Set} options.set
 * @param {() => import("./state.js").State} options.now
 * @param {ReturnType<typeof import("./large.js").createLarge>} options.large
 * @param {(by: number) => void} options.step
 * @param {() => void} options.close
 * @param {(confidence: number) => void} options.onconfidence
 * @returns {import("../../parts/keys.js").Key[]}
 */
export function keysOf({ set, now, large, step, close, onconfidence }) {
  const flip = (/** @type {"labels" | "masks" | "points"} */ name) =>
    set({ [name]: now()[name] ? "0" : null }, "replace");
  const score = (/** @type {number} */ by) => {
    const next = Math.min(1, Math.max(0, now().confidence + by));
    onconfidence(Number(next.toFixed(2)));
  };
  return [
    { key: "1", does: "ground truth alone", run: () => set({ show: "truth" }, "replace") },
    { key: "2", does: "predictions alone", run: () => set({ show: "predictions" }, "replace") },
    { key: "3", does: "both", run: () => set({ show: null }, "replace") },
    { key: "ArrowLeft", does: "previous image of the list", run: () => step(-1) },
    { key: "ArrowRight", does: "next image of the list", run: () => step(1) },
    {
      key: "Escape",
      does: "let go of an object; back to the grid",
      run: () => large.letGo() || close(),
    },
    { key: "f", does: "fit the image to the window", run: () => large.fit() },
    { key: "+", does: "zoom in", run: () => large.zoom(1.4) },
    { key: "-", does: "zoom out", run: () => large.zoom(1 / 1.4) },
    {
      key: "o",
      does: "colours by outcome, and back to class",
      run: () =>
        set({ color: now().color === "outcome" ? null : "outcome", hide: null }, "replace"),
    },
    { key: "h", does: "hide or show labels", run: () => flip("labels") },
    { key: "m", does: "hide or show masks", run: () => flip("masks") },
    { key: "k", does: "hide or show keypoints", run: () => flip("points") },
    {
      key: "s",
      does: "two runs side by side, and back",
      run: () => set({ side: now().side ? null : now().runs.length > 1 }, "replace"),
    },
    { key: ",", does: "lower the least score", run: () => score(-0.05) },
    { key: ".", does: "raise the least score", run: () => score(0.05) },
  ];
}
