/**
 * Asks for an evaluation or a comparison, and shows how far it is while it is computed for the
 * first time, with a button that ends it. Numbers that are stored come at once, and nothing is
 * shown.
 */
import { read, send } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { count, percent } from "../lib/format.js";

const QUIET = 300; // ms before anything is shown
const FIRST = 1000; // ms before the server is asked how far it is
const EVERY = 500;

function makeToken() {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return `web-${[...parts].map((part) => part.toString(36)).join("-")}`;
}

/**
 * What an evaluation is doing, in words.
 * @param {{state: string, phase?: string | null, rows_read?: number, rows?: number}} progress
 */
export function progressText({ state, phase, rows_read = 0, rows = 0 }) {
  if (state === "waiting") return "waiting for its turn: other evaluations run";
  if (phase === "reading" && rows) {
    return `reading ${count(rows_read)} of ${count(rows)} rows (${percent(rows_read / rows)})`;
  }
  if (phase === "storing") return "storing the numbers";
  return "computing";
}

/**
 * @template T
 * @param {object} options
 * @param {string} options.path
 * @param {import("../lib/address.js").QueryValues} options.query
 * @param {AbortSignal} options.signal
 * @param {HTMLElement} options.into  where the progress is shown; what is in it stays until then
 * @param {string} options.what  "the evaluation"
 * @returns {Promise<T>}
 */
export async function compute({ path, query, signal, into, what }) {
  const token = makeToken();
  const bar = h("progress", { max: 1, "aria-label": `Progress of ${what}` });
  const words = h("span", null, "computing");
  const stop = h(
    "button",
    {
      onclick: () => {
        stop.disabled = true;
        send("DELETE", `/evaluations/${token}`).catch(() => void (stop.disabled = false));
      },
    },
    "Cancel",
  );
  const box = h("div", { class: "computing", role: "status", "aria-busy": "true" }, [
    h("strong", null, `${what} is computed for the first time`),
    bar,
    words,
    stop,
  ]);
  const timers = [setTimeout(() => void fill(into, box), QUIET)];

  async function ask() {
    try {
      /** @type {{state: string, phase?: string | null, rows_read?: number, rows?: number}} */
      const progress = await read(`/evaluations/${token}`, {}, signal);
      words.textContent = progressText(progress);
      const isReading = progress.phase === "reading" && progress.rows;
      if (isReading) bar.value = Number(progress.rows_read) / Number(progress.rows);
      else bar.removeAttribute("value");
    } catch {
      // It has ended, or is not known yet.
    }
    if (timers.length) timers.push(setTimeout(ask, EVERY));
  }
  timers.push(setTimeout(ask, FIRST));
  try {
    return await read(path, { ...query, evaluation: token }, signal);
  } finally {
    timers.splice(0).forEach(clearTimeout);
    box.remove();
  }
}
