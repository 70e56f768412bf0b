/** AP and the operating point of each class, sortable and searchable. */
import { read, datasetPath } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { count, counted, metric } from "../../lib/format.js";
import { className } from "../../lib/names.js";
import { outcomeName } from "../../lib/outcomes.js";
import { card } from "../../parts/card.js";
import { sortableTable } from "../../parts/table.js";
import { mainError } from "./advice.js";
import { evaluationQuery, imagesAddress, outcomeAddress } from "./state.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Evaluation} Evaluation
 * @typedef {import("./state.js").ClassNumbers} ClassNumbers
 * @typedef {import("../../lib/api.js").Schemas["Comparison"]} Comparison
 */

const FIRST = 25;
/** Up to so many intervals of classes are computed without being asked for. */
const CHEAP = { detections: 100_000, classes: 100 };

const COMPUTE = "Compute intervals of classes";

/** @param {number} value */
function meter(value) {
  const bar = h("span", { class: "meter-bar", style: { width: `${Math.max(0, value) * 100}%` } });
  return h("span", { class: "meter", "aria-hidden": "true" }, bar);
}

/**
 * @param {object} options
 * @param {State} options.state
 * @param {Evaluation} options.document
 * @param {AbortSignal} options.signal
 * @param {(name: string) => string} options.curveAddress
 */
export function classTable({ state, document, signal, curveAddress }) {
  let now = { state, document };
  let sort = { column: 1, down: false };
  let search = "";
  /** @type {Map<number, [number, number]>} */
  const intervals = new Map();

  /** @type {import("../../parts/table.js").Column<ClassNumbers>[]} */
  const columns = [
    {
      title: "class",
      by: className,
      show: (row) =>
        h(
          "a",
          {
            href: imagesAddress(now.state, { category: className(row) }),
            class: "class-name",
            title: `Images with objects of ${className(row)}`,
          },
          className(row),
        ),
    },
    {
      title: "AP",
      number: true,
      by: (row) => row.AP,
      show: (row) => [metric(row.AP), meter(row.AP)],
      explain: "Mean over IoU 0.50 to 0.95",
    },
    {
      title: "95 % interval",
      number: true,
      by: (row) => intervals.get(row.category_id)?.[0],
      show: (row) => {
        const interval = intervals.get(row.category_id);
        return interval ? `${metric(interval[0])} – ${metric(interval[1])}` : "";
      },
      explain: "How much AP depends on the images that were chosen",
    },
    { title: "AP50", number: true, by: (row) => row.AP50, show: (row) => metric(row.AP50) },
    { title: "objects", number: true, by: (row) => row.truths, show: (row) => count(row.truths) },
    {
      title: "detections",
      number: true,
      by: (row) => row.detections,
      show: (row) => count(row.detections),
    },
    ...["precision", "recall", "f1"].map((name) => {
      const of = (/** @type {ClassNumbers} */ row) =>
        /** @type {Record<string, number> | null} */ (row.operating_point)?.[name];
      return {
        title: name === "f1" ? "F1" : name,
        number: true,
        by: of,
        show: (/** @type {ClassNumbers} */ row) => metric(of(row)),
        explain: "At the operating point",
      };
    }),
    {
      title: "mostly",
      by: (row) => mainError(row)?.type,
      show: (row) => {
        const main = mainError(row);
        if (!main) return "–";
        const href = outcomeAddress(now.state, main.type, className(row));
        const title = `${counted(main.count, "error")} of this kind: show the images`;
        return h("a", { href, title }, `${outcomeName(main.type)} (${count(main.count)})`);
      },
      explain: "The kind of error that it has most",
    },
    {
      title: "curves",
      show: (row) =>
        h(
          "a",
          {
            href: curveAddress(className(row)),
            "aria-label": `show the curves of ${className(row)}`,
          },
          "show",
        ),
    },
  ];

  const box = h("div", { class: "class-table" });
  const input = h("input", {
    type: "search",
    placeholder: "search a class",
    "aria-label": "Search a class",
    oninput: () => {
      search = input.value.toLowerCase();
      draw();
    },
  });
  const more = h("button", { hidden: true, onclick: () => void loadIntervals() }, COMPUTE);
  const total = document.per_class?.length ?? 0;
  const element = card(
    {
      id: "classes",
      title: counted(total, "class", "classes"),
      end: [more, total > 15 && input],
    },
    box,
  );

  function draw() {
    const rows = (now.document.per_class ?? []).filter((row) =>
      className(row).toLowerCase().includes(search),
    );
    const made = sortableTable({
      caption: "Classes, with AP and what they are like at the operating point",
      columns,
      rows,
      sort,
      onsort: (next) => void (sort = next),
      limit: FIRST,
    });
    const old = box.firstElementChild;
    const left = old?.scrollLeft ?? 0;
    fill(box, made);
    made.scrollLeft = left;
  }

  async function loadIntervals() {
    more.disabled = true;
    fill(more, "Computing intervals …");
    box.setAttribute("aria-busy", "true");
    try {
      const query = { ...evaluationQuery(state), run: state.run, with: state.run };
      /** @type {Comparison} */
      const same = await read(datasetPath(state.dataset, "comparison"), query, signal);
      for (const row of same.per_class ?? []) {
        const interval = row.bootstrap?.a;
        if (interval) intervals.set(row.category_id, [interval[0], interval[1]]);
      }
      more.hidden = true;
      draw();
    } catch {
      more.disabled = false; // a run that is evaluated in parts has none
      fill(more, COMPUTE);
      more.hidden = false;
    } finally {
      box.removeAttribute("aria-busy");
    }
  }

  draw();
  return {
    element,
    async load() {
      const isCheap = document.detections <= CHEAP.detections && total <= CHEAP.classes;
      if (isCheap) await loadIntervals();
      else more.hidden = false;
    },
    /**
     * @param {State} nextState
     * @param {Evaluation} nextDocument
     */
    update(nextState, nextDocument) {
      now = { state: nextState, document: nextDocument };
      draw();
    },
  };
}
