/** Results files that are chosen and not sent yet: a run each, whose name can be changed. */
import { fill, h } from "../../lib/dom.js";
import { bytes, counted } from "../../lib/format.js";
import { NAME_RULE, nameFromFile, nameProblem } from "../../lib/names.js";

/**
 * @typedef {{file: File, input: HTMLInputElement, note: HTMLElement, element: HTMLElement}} Row
 * @typedef {import("../../lib/api.js").Schemas["Run"]} Run
 */

/**
 * @param {object} options
 * @param {(files: number) => void} options.onchange
 */
export function stagingList({ onchange }) {
  /** @type {Row[]} */
  let rows = [];
  /** @type {Map<string, Run>} */
  let runs = new Map();
  const body = h("ul", { class: "staged" });

  /** What a row says about its name; it is an error if it is no good. @param {Row} row */
  function judge(row) {
    const name = row.input.value.trim();
    const twice = rows.filter((one) => one.input.value.trim() === name).length > 1;
    const problem =
      nameProblem(name, "run") || (twice ? "two files cannot become the same run" : "");
    const old = runs.get(name);
    row.input.setCustomValidity(problem);
    row.note.className = problem ? "bad" : old ? "warn" : "soft";
    row.note.textContent =
      problem ||
      (old ? `replaces this run of ${counted(old.prediction_count, "prediction")}` : "a new run");
  }

  function judgeAll() {
    rows.forEach(judge);
    onchange(rows.length);
  }

  /** @param {File} file */
  function makeRow(file) {
    const input = h("input", {
      type: "text",
      value: nameFromFile(file.name),
      required: true,
      maxlength: 63,
      spellcheck: "false",
      title: NAME_RULE,
      "aria-label": `Name of the run of ${file.name}`,
      oninput: judgeAll,
    });
    const note = h("small", { class: "soft" });
    /** @type {Row} */
    const row = { file, input, note, element: h("li") };
    fill(
      row.element,
      h("span", { class: "staged-file" }, file.name, h("small", null, bytes(file.size))),
      h("label", { class: "staged-name" }, "run ", input),
      note,
      h(
        "button",
        {
          class: "icon",
          "aria-label": `Leave out ${file.name}`,
          onclick: () => {
            rows = rows.filter((one) => one !== row);
            draw();
          },
        },
        "×",
      ),
    );
    return row;
  }

  function draw() {
    fill(
      body,
      rows.map((row) => row.element),
    );
    body.hidden = rows.length === 0;
    judgeAll();
  }

  draw();
  return {
    element: body,
    /** @param {File[]} files */
    add(files) {
      rows = [...rows, ...files.map(makeRow)];
      draw();
    },
    /** @param {Run[]} list  of the dataset */
    know(list) {
      runs = new Map(list.map((run) => [run.run_name, run]));
      judgeAll();
    },
    isGood: () => rows.every((row) => row.input.reportValidity()),
    /** Gives the files and their runs, and empties the list. */
    take() {
      const taken = rows.map(({ file, input }) => ({ file, run: input.value.trim() }));
      rows = [];
      draw();
      return taken;
    },
  };
}
