/**
 * Is run B really better? The answer in words that need no knowledge of statistics.
 *
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {"better" | "worse" | "unclear" | "equal" | "none" | "unmeasured"} Kind
 * @typedef {object} Verdict
 * @property {Kind} kind
 * @property {string} title  the answer in one sentence
 * @property {string} numbers  the difference with its interval
 * @property {string[]} plain  what this means
 * @property {string[]} doubts  what one should know before one relies on it
 */
import { count, counted, difference, metric, percent } from "../../lib/format.js";

export const UNMEASURED = "How sure the difference is was not measured";

/** With fewer images the resamples themselves are too alike. */
const FEW_IMAGES = 30;

/** A smaller difference is said to be small. */
const SMALL = 0.01;
const MOST_DIGITS = 6;

/**
 * The interval of a difference, in words: "−0.010 to +0.021". An end that is not 0 does not read
 * as if it were.
 * @param {readonly number[] | null | undefined} range
 */
export function rangeText(range) {
  if (!range) return "–";
  let digits = 3;
  const hides = (/** @type {number} */ end) => end !== 0 && Number(end.toFixed(digits)) === 0;
  while (digits < MOST_DIGITS && range.some(hides)) digits += 1;
  return `${difference(range[0], digits)} to ${difference(range[1], digits)}`;
}

/**
 * The runs that a measure puts first, of its metric.
 * @param {Schemas["Comparison"]} document
 * @param {string} name  AP, AP50 or AP75
 * @returns {Kind}
 */
export function kindOf(document, name = "AP") {
  const change = document.metrics.difference[name];
  if (change === null || change === undefined) return "none";
  const bootstrap = document.bootstrap?.metrics[name];
  if (!bootstrap?.difference) return change === 0 ? "equal" : "unmeasured";
  if (bootstrap.difference[0] === 0 && bootstrap.difference[1] === 0) return "equal";
  return bootstrap.verdict;
}

/**
 * How often B was ahead when the images were drawn again.
 * @param {NonNullable<Schemas["Bootstrap"]>} bootstrap
 * @param {string} b
 * @param {number} images
 */
function drawsText(bootstrap, b, images) {
  const { resamples, b_wins: wins } = bootstrap;
  const share =
    wins === 1 ? "in all of them" : wins === 0 ? "in none of them" : `in ${percent(wins)} of them`;
  return (
    `Both runs were measured ${count(resamples)} times more, each time on another random draw ` +
    `of these ${counted(images, "image")}: ${b} was ahead ${share}.`
  );
}

/** @param {Kind} kind @param {string} a @param {string} b */
function titleOf(kind, a, b) {
  const titles = {
    better: `${b} is better than ${a}`,
    worse: `${b} is worse than ${a}`,
    unclear: "No difference that can be told from chance",
    equal: `${a} and ${b} do equally well`,
    none: "There is nothing to measure",
    unmeasured: UNMEASURED,
  };
  return titles[kind];
}

/**
 * @param {Kind} kind
 * @param {string} a
 * @param {string} b
 * @returns {string | null}
 */
function meaning(kind, a, b) {
  if (kind === "better" || kind === "worse") {
    return "The whole interval is on one side of 0, so the choice of images does not explain it.";
  }
  if (kind === "unclear") {
    return (
      `The interval includes 0: on other images of this kind ${a} could come out ahead as well ` +
      `as ${b}. More images would tell.`
    );
  }
  return null;
}

/** @param {Schemas["Comparison"]} document */
function doubtsOf(document) {
  const doubts = [];
  const { images } = document.flips;
  const kind = kindOf(document);
  if (images < FEW_IMAGES && kind !== "none") {
    doubts.push(`There are only ${counted(images, "image")}: the interval itself is unsure.`);
  }
  const change = Math.abs(document.metrics.difference.AP ?? 0);
  if ((kind === "better" || kind === "worse") && change < SMALL) {
    doubts.push("The difference is sure, but small: whether it matters is for you to judge.");
  }
  for (const name of ["AP50", "AP75"]) {
    const other = kindOf(document, name);
    if ((other === "better" || other === "worse") && other !== kind) {
      const range = rangeText(document.bootstrap?.metrics[name]?.difference);
      doubts.push(
        `${name} says otherwise: ${document.b.run} is ${other}, ` +
          `${difference(document.metrics.difference[name])} (${range}).`,
      );
    }
  }
  return doubts;
}

/**
 * @param {Schemas["Comparison"]} document
 * @returns {Verdict}
 */
export function verdictOf(document) {
  const a = document.a.run;
  const b = document.b.run;
  const kind = kindOf(document);
  const bootstrap = document.bootstrap?.metrics.AP;
  if (kind === "none") {
    const plain = ["No object of the ground truth counts in what was chosen: AP does not exist."];
    return { kind, title: titleOf(kind, a, b), numbers: "", plain, doubts: [] };
  }
  const { a: before, b: after, difference: changes } = document.metrics;
  const interval = bootstrap?.difference
    ? ` (95\u2009% interval ${rangeText(bootstrap.difference)})`
    : "";
  const plain = [
    `AP, the main score of COCO from 0 to 1, is ${metric(before.AP)} for ${a} and ` +
      `${metric(after.AP)} for ${b}.`,
    bootstrap && kind !== "equal" ? drawsText(bootstrap, b, document.flips.images) : null,
    meaning(kind, a, b),
  ].filter((text) => text !== null);
  return {
    kind,
    title: titleOf(kind, a, b),
    numbers: `AP ${difference(changes.AP)}${interval}`,
    plain,
    doubts: doubtsOf(document),
  };
}

/**
 * What changes at the operating point: "B finds 12 more objects and makes 5 fewer false
 * detections".
 * @param {Schemas["Comparison"]} document
 */
export function countsText(document) {
  const { a, b } = document.operating_point;
  if (!a || !b) return "";
  const found = b.true_positives - a.true_positives;
  const wrong = b.false_positives - a.false_positives;
  const amount = (/** @type {number} */ number, /** @type {string} */ noun) => {
    if (number === 0) return `as many ${noun}s`;
    return `${count(Math.abs(number))} ${number > 0 ? "more" : "fewer"} ${noun}${
      Math.abs(number) === 1 ? "" : "s"
    }`;
  };
  return (
    `At scores from ${metric(b.confidence, 2)} and IoU ${metric(b.iou, 2)}, ` +
    `${document.b.run} finds ` +
    `${amount(found, "object")} and makes ${amount(wrong, "false detection")}.`
  );
}
