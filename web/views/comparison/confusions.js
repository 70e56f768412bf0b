/** Which classes B mixes up more or less often than A. Computed when a person gets there. */
import { addressOf } from "../../lib/address.js";
import { datasetPath, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { cellNote } from "../../lib/outcomes.js";
import { pointParameters, confidenceParameter } from "../../lib/point.js";
import { sortableTable } from "../../parts/table.js";
import { cellName } from "../evaluation/state.js";
import { loadWhenNear } from "./near.js";
import { goodness, signedCount } from "./point.js";
import { selection, shortNames } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").State} State
 * @typedef {{truth: number | null, predicted: number | null, a: number, b: number}} Pair
 */

const SHOWN = 10;
/** How long the sliders rest before it is computed anew. */
const REST_MS = 150;

/**
 * The cells beside the diagonal in which two matrices differ, the most changed first.
 * @param {Schemas["Matrix"] | undefined} a
 * @param {Schemas["Matrix"] | undefined} b
 * @returns {Pair[]}
 */
function changedPairs(a, b) {
  const pairs = /** @type {Map<string, Pair>} */ (new Map());
  for (const [side, matrix] of /** @type {const} */ ([
    ["a", a],
    ["b", b],
  ])) {
    for (const [truth, predicted, number] of matrix?.cells ?? []) {
      if (truth === predicted) continue;
      const key = `${truth} ${predicted}`;
      const pair = pairs.get(key) ?? { truth, predicted, a: 0, b: 0 };
      pair[side] = number ?? 0;
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()]
    .filter((pair) => pair.a !== pair.b)
    .sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a));
}

/**
 * The images behind a cell of the matrix of a run.
 * @param {string} dataset
 * @param {State} state
 * @param {string} run
 * @param {string} truth
 * @param {string} predicted
 */
function cellAddress(dataset, state, run, truth, predicted) {
  return addressOf("images", dataset, {
    run,
    truth,
    predicted,
    color: "outcome",
    confidence: state.confidence,
    min_confidence: confidenceParameter(state.confidence),
    ...selection(state),
  });
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @returns {import("./parts.js").Part}
 */
export function confusionsPart(page) {
  let names = /** @type {Map<number | null, string>} */ (new Map());
  const box = h("div");
  const note = h("p", { class: "notice", role: "note", hidden: true });
  const element = h(
    "section",
    { class: "card versus-confusions" },
    h("h2", null, "What is mixed up"),
    h(
      "p",
      { class: "soft" },
      "Pairs that changed most, at the chosen IoU and confidence: what there is, and what the " +
        "runs say it is. Nothing there is a detection without an object; nothing said is an " +
        "object that was missed.",
    ),
    note,
    box,
  );
  const want = loadWhenNear({
    page,
    element,
    box,
    rest: REST_MS,
    keyOf: (state) => [state.a, state.b, selection(state), pointParameters(state)],
    load,
  });

  /** @param {State} wanted @param {AbortSignal} signal */
  async function load(wanted, signal) {
    const query = { ...selection(wanted), ...pointParameters(wanted), include: "matrix" };
    const [a, b] = await Promise.all(
      [wanted.a, wanted.b].map((run) => {
        const path = datasetPath(page.dataset, "runs", run, "evaluation");
        return /** @type {Promise<Schemas["Evaluation"]>} */ (read(path, query, signal));
      }),
    );
    draw(changedPairs(a.matrix, b.matrix), wanted);
  }

  /** @param {Pair[]} pairs @param {State} now */
  function draw(pairs, now) {
    if (!pairs.length) {
      fill(box, h("p", null, "Both runs mix up the same, as often."));
      return;
    }
    const runs = shortNames(now);
    const name = (/** @type {number | null} */ id) => names.get(id) ?? `class ${id}`;
    const named = (/** @type {string} */ title) =>
      h("span", { class: "versus-class", title }, title);
    const cell = (/** @type {number | null} */ id) => cellName(id, names.get(id));
    const link = (/** @type {string} */ run, /** @type {Pair} */ pair, /** @type {number} */ n) => {
      if (!n) return "0";
      const sides = [cell(pair.truth), cell(pair.predicted)];
      return h("a", { href: cellAddress(page.dataset, now, run, sides[0], sides[1]) }, count(n));
    };
    fill(
      box,
      sortableTable({
        caption: "Pairs of classes that the runs mix up",
        limit: SHOWN,
        rows: pairs,
        columns: [
          {
            title: "there is",
            by: (pair) => name(pair.truth),
            show: (pair) => named(name(pair.truth)),
          },
          {
            title: "the run says",
            by: (pair) => name(pair.predicted),
            show: (pair) => named(name(pair.predicted)),
          },
          { title: runs.a, number: true, by: (p) => p.a, show: (p) => link(now.a, p, p.a) },
          { title: runs.b, number: true, by: (p) => p.b, show: (p) => link(now.b, p, p.b) },
          {
            title: "B − A",
            number: true,
            by: (pair) => pair.b - pair.a,
            show: (pair) =>
              h("span", { class: goodness(pair.b - pair.a, false) }, signedCount(pair.b - pair.a)),
          },
        ],
      }),
    );
  }

  return {
    element,
    live(document, next) {
      names = new Map([[null, "nothing"]]);
      for (const row of document.per_class) names.set(row.category_id, className(row));
      note.textContent = cellNote(next, next.kind);
      note.hidden = !note.textContent;
      want(next);
    },
  };
}
