/** Controls of views: a slider with its number, a choice, a switch between a few. */
import { h } from "../lib/dom.js";

let lastId = 0;

/** @param {string} name */
function nextId(name) {
  lastId += 1;
  return `${name}-${lastId}`;
}

/**
 * A slider with its number. oninput is called while it moves.
 * @param {object} options
 * @param {string} options.label
 * @param {number} options.value
 * @param {number} options.min
 * @param {number} options.max
 * @param {number} options.step
 * @param {(value: number) => void} options.oninput
 * @param {(value: number) => string} [options.show]
 */
export function slider({ label, value, min, max, step, oninput, show = (n) => n.toFixed(2) }) {
  const id = nextId("slider");
  const output = h("output", { for: id }, show(value));
  const input = h("input", {
    type: "range",
    id,
    min,
    max,
    step,
    value,
    oninput: () => {
      output.textContent = show(input.valueAsNumber);
      input.setAttribute("aria-valuetext", show(input.valueAsNumber));
      oninput(input.valueAsNumber);
    },
  });
  input.setAttribute("aria-valuetext", show(value));
  const set = (/** @type {number} */ number) => {
    input.value = String(number);
    output.textContent = show(number);
  };
  const element = h("div", { class: "slider" }, h("label", { for: id }, label), input, output);
  return { element, input, set };
}

/**
 * A list to choose from.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.value
 * @param {{value: string, label: string}[]} options.options
 * @param {(value: string) => void} options.onchange
 */
export function choice({ label, value, options, onchange }) {
  const id = nextId("choice");
  const select = h(
    "select",
    { id, onchange: () => onchange(select.value) },
    options.map((one) => h("option", { value: one.value }, one.label)),
  );
  select.value = value;
  const element = h("div", { class: "choice" }, h("label", { for: id }, label), select);
  return { element, select };
}

/**
 * A list of names to choose from. The one that is chosen is among them even if it is unknown.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.value
 * @param {string[]} options.names
 * @param {string} [options.all]  the label of "", where a name need not be chosen
 * @param {(value: string) => void} options.onchange
 */
export function nameChoice({ label, value, names, all, onchange }) {
  const listed = value && !names.includes(value) ? [value, ...names] : names;
  const options = listed.map((name) => ({ value: name, label: name }));
  if (all !== undefined) options.unshift({ value: "", label: all });
  return choice({ label, value, options, onchange });
}

/**
 * Buttons of which one is pressed.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.value
 * @param {{value: string, label: string, title?: string}[]} options.options
 * @param {(value: string) => void} options.onchange
 */
export function toggle({ label, value, options, onchange }) {
  const buttons = options.map((one) =>
    h(
      "button",
      {
        type: "button",
        title: one.title ?? null,
        "aria-pressed": String(one.value === value),
        onclick: () => {
          set(one.value);
          onchange(one.value);
        },
      },
      one.label,
    ),
  );
  /** @param {string} next */
  function set(next) {
    buttons.forEach((button, i) => {
      button.setAttribute("aria-pressed", String(options[i].value === next));
    });
  }
  const element = h("div", { class: "toggle", role: "group", "aria-label": label }, buttons);
  return { element, set };
}
