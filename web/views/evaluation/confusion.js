/** The confusion matrix: the most confused classes first, and every cell opens its images. */
import { matrix } from "../../charts/matrix.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted, percent } from "../../lib/format.js";
import { className, cutName } from "../../lib/names.js";
import { cellNote } from "../../lib/outcomes.js";
import { card } from "../../parts/card.js";
import { choice, toggle } from "../../parts/controls.js";
import { cellAddress, cellName } from "./state.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("../../charts/matrix.js").MatrixData} MatrixData
 * @typedef {{truth: number | null, predicted: number | null, count: number}} Confusion
 */

const BACKGROUND = "background";
/** A drawing of more would be too small to read and too large to draw. */
const MOST = 120;
/** Kinds of mistakes that are listed beside it. */
const LISTED = 10;

/**
 * Cells of the document as objects.
 * @param {Evaluation["matrix"]} made
 * @returns {Confusion[]}
 */
function cellsOf(made) {
  return (made?.cells ?? []).map(([truth, predicted, number]) => ({
    truth,
    predicted,
    count: Number(number),
  }));
}

/**
 * Ids of classes, those first that are mixed up with others most; then by what is missed of them
 * and detected where nothing is.
 * @param {Confusion[]} cells
 * @param {number[]} classes
 */
export function mostConfused(cells, classes) {
  const mixed = new Map(classes.map((id) => [id, 0]));
  const add = (/** @type {number | null} */ id, /** @type {number} */ by) => {
    if (id !== null) mixed.set(id, (mixed.get(id) ?? 0) + by);
  };
  for (const { truth, predicted, count: number } of cells) {
    if (truth === predicted) continue;
    const weight = truth === null || predicted === null ? 1e-6 : 1;
    add(truth, number * weight);
    add(predicted, number * weight);
  }
  return [...classes].sort((a, b) => (mixed.get(b) ?? 0) - (mixed.get(a) ?? 0) || a - b);
}

/**
 * @param {object} options
 * @param {Confusion[]} options.cells
 * @param {number[]} options.order  ids of the classes that are shown
 * @param {Map<number, string>} options.names
 * @param {boolean} options.isShare  shares of the row instead of counts
 * @param {State} options.state
 * @returns {MatrixData}
 */
export function matrixData({ cells, order, names, isShare, state }) {
  const place = new Map(/** @type {[number | null, number][]} */ (order.map((id, i) => [id, i])));
  place.set(null, order.length);
  const nameOf = (/** @type {number | null} */ id) =>
    id === null ? BACKGROUND : (names.get(id) ?? `class ${id}`);
  const shown = cells.filter((cell) => place.has(cell.truth) && place.has(cell.predicted));
  const totals = new Map(/** @type {[number | null, number][]} */ ([]));
  for (const cell of cells) totals.set(cell.truth, (totals.get(cell.truth) ?? 0) + cell.count);
  const note = cellNote(state, state.iouType);
  const isRight = (/** @type {Confusion} */ cell) => cell.truth === cell.predicted;
  const most = (/** @type {boolean} */ right) =>
    Math.max(1, ...shown.filter((cell) => isRight(cell) === right).map((cell) => cell.count));
  const [mostRight, mostWrong] = [most(true), most(false)];
  return {
    rows: [...order.map(nameOf), BACKGROUND],
    columns: [...order.map(nameOf), BACKGROUND],
    cells: shown.map((cell) => {
      const share = cell.count / (totals.get(cell.truth) || 1);
      const right = isRight(cell);
      return {
        row: place.get(cell.truth) ?? 0,
        column: place.get(cell.predicted) ?? 0,
        value: cell.count,
        isRight: right,
        share: isShare ? share : Math.sqrt(cell.count / (right ? mostRight : mostWrong)),
        text: isShare ? `${Math.round(share * 100)}` : count(cell.count),
        tip: [...tipOf(cell, nameOf(cell.truth), nameOf(cell.predicted), share), note],
        href: cellAddress(
          state,
          cellName(cell.truth, cell.truth === null ? null : names.get(cell.truth)),
          cellName(cell.predicted, cell.predicted === null ? null : names.get(cell.predicted)),
        ),
      };
    }),
  };
}

/**
 * @param {Confusion} cell
 * @param {string} truth
 * @param {string} predicted
 * @param {number} share
 */
function tipOf(cell, truth, predicted, share) {
  const times = counted(cell.count, "time", "times");
  if (cell.truth === null) {
    return [`${predicted} where nothing is`, times, `${percent(share)} of such detections`];
  }
  const what =
    cell.predicted === null
      ? `${truth} not found`
      : cell.truth === cell.predicted
        ? `${truth} found`
        : `${truth} taken for ${predicted}`;
  return [what, times, `${percent(share)} of all ${truth}`];
}

/**
 * @param {object} options
 * @param {State} options.state
 * @param {Evaluation} options.document
 */
export function confusion({ state, document }) {
  let now = { state, document };
  let isShare = false;
  const names = new Map((document.per_class ?? []).map((row) => [row.category_id, className(row)]));
  // The order stays while sliders move, so that nothing jumps.
  const all = mostConfused(cellsOf(document.matrix), document.matrix?.classes ?? []);
  let limit = all.length <= 30 ? all.length : 20;
  const data = () =>
    matrixData({
      cells: cellsOf(now.document.matrix),
      order: all.slice(0, limit),
      names,
      isShare,
      state: now.state,
    });
  const chart = matrix(
    {
      caption: "Confusion matrix: ground truth in rows, predictions in columns",
      rowTitle: "ground truth",
      columnTitle: "predicted",
      valueTitle: "count",
    },
    data(),
  );
  const kind = toggle({
    label: "Numbers in the cells",
    value: "count",
    options: [
      { value: "count", label: "counts" },
      { value: "share", label: "% of the row", title: "Of all objects of the class" },
    ],
    onchange: (value) => {
      isShare = value === "share";
      chart.update(data());
    },
  });
  const sizes = [12, 20, 40, 80, MOST].filter((size) => size < all.length);
  if (all.length <= MOST) sizes.push(all.length);
  const size = choice({
    label: "Classes",
    value: String(limit),
    options: sizes.map((number) => ({
      value: String(number),
      label: number === all.length ? `all ${number}` : `the ${number} most confused`,
    })),
    onchange: (value) => {
      limit = Number(value);
      chart.update(data());
    },
  });
  const isMany = all.length > 12;
  const mixed = h("div", { class: "mixed" });
  const note = h("p", { class: "notice", role: "note" });
  function drawMixed() {
    const wrong = cellsOf(now.document.matrix)
      .filter((cell) => cell.truth !== cell.predicted)
      .sort((a, b) => b.count - a.count)
      .slice(0, LISTED);
    const nameOf = (/** @type {number | null} */ id) => (id === null ? null : names.get(id));
    const item = (/** @type {Confusion} */ cell) => {
      const truth = cellName(cell.truth, nameOf(cell.truth));
      const predicted = cellName(cell.predicted, nameOf(cell.predicted));
      const names = [nameOf(cell.truth) ?? truth, nameOf(cell.predicted) ?? predicted];
      const [words] = tipOf(cell, cutName(names[0]), cutName(names[1]), 0);
      const [title] = tipOf(cell, names[0], names[1], 0);
      const href = cellAddress(now.state, truth, predicted);
      return h("li", null, h("a", { href, title }, words), count(cell.count));
    };
    fill(mixed, h("h3", null, "Most frequent"), h("ol", null, wrong.map(item)));
  }
  const element = card(
    {
      id: "confusion",
      title: "Confusion matrix",
      end: [isMany && size.element, kind.element],
    },
    h(
      "p",
      { class: "soft" },
      "Rows are objects, columns what they were taken for; background is nothing. ",
      "Green is right. A cell opens its images.",
    ),
    note,
    h("div", { class: "beside" }, chart.element, mixed),
  );
  const drawNote = () => {
    note.textContent = cellNote(now.state, now.state.iouType);
    note.hidden = !note.textContent;
  };
  drawMixed();
  drawNote();
  return {
    element,
    /**
     * @param {State} nextState
     * @param {Evaluation} nextDocument
     */
    update(nextState, nextDocument) {
      now = { state: nextState, document: nextDocument };
      chart.update(data());
      drawMixed();
      drawNote();
    },
  };
}
