/** A field for the sigmas of keypoints, and what stands in place of numbers while they lack. */
import { fill, h } from "../lib/dom.js";
import { counted } from "../lib/format.js";
import {
  equalSigmas,
  hasSigmas,
  MEAN_SIGMA,
  readSigmas,
  shownSigmas,
  sigmasProblem,
} from "../lib/sigmas.js";
import { empty } from "./states.js";

const EXPLAIN =
  "How exactly each point can be placed: one number for all points, or one for each with commas " +
  "between them, in the order of the points. The larger, the more distance is forgiven.";

/**
 * The field is there only where COCO's own sigmas do not do.
 * @param {object} options
 * @param {string} options.kind  of overlap
 * @param {string} options.sigmas
 * @param {number | null} options.points
 * @param {(sigmas: string) => void} options.onchange  what the service can take, or ""
 */
export function sigmasField({ kind, sigmas, points, onchange }) {
  const wrong = h("span", { class: "bad", role: "alert" });
  const input = h("input", {
    type: "text",
    id: "sigmas",
    spellcheck: "false",
    autocomplete: "off",
    placeholder: String(MEAN_SIGMA),
    title: EXPLAIN,
  });
  const element = h(
    "form",
    {
      class: "choice sigmas",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const read = readSigmas(input.value, points);
        const problem = read ? sigmasProblem("keypoints", read, points) : "";
        fill(wrong, problem);
        if (!problem) onchange(read);
      },
    },
    h("label", { for: "sigmas" }, "Sigmas"),
    input,
    h("button", null, "Use"),
    wrong,
  );
  let shown = "";
  /**
   * What is written there stays until these are others.
   * @param {string} nextKind
   * @param {string} next
   * @param {boolean} [isAsked]  the service says that it needs them
   */
  function set(nextKind, next, isAsked = false) {
    const key = `${nextKind} ${next}`;
    if (key === shown && !isAsked) return;
    shown = key;
    element.hidden = !isAsked && !hasSigmas(nextKind, next, points);
    input.value = next ? shownSigmas(next, points) : "";
    fill(wrong);
  }
  set(kind, sigmas);
  return { element, set };
}

/**
 * What is shown instead of numbers that cannot be computed without sigmas; null where they can.
 * @param {object} options
 * @param {string} options.kind
 * @param {string} options.sigmas
 * @param {number | null} options.points
 * @param {(sigmas: string) => void} options.onchange
 */
export function sigmasWanted({ kind, sigmas, points, onchange }) {
  const problem = sigmasProblem(kind, sigmas, points);
  if (!problem) return null;
  return empty(
    sigmas ? "These sigmas do not fit" : "Which sigmas?",
    h("p", null, problem),
    h("p", null, `${EXPLAIN} Write them above`, points === null ? "." : ", or begin with"),
    points !== null &&
      h(
        "button",
        { onclick: () => onchange(equalSigmas(MEAN_SIGMA, points)) },
        `${MEAN_SIGMA} for ${points === 1 ? "the point" : `all ${counted(points, "point")}`}, `,
        "the mean of COCO's",
      ),
  );
}

/**
 * Whether the service refused keypoints because of their sigmas.
 * @param {string} kind
 * @param {unknown} error
 */
export function isAboutSigmas(kind, error) {
  return kind === "keypoints" && error instanceof Error && /\bsigmas\b/.test(error.message);
}
