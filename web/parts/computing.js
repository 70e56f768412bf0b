/**
 * Documents that the server may have to compute: they are asked for under a token, which tells how
 * far it is and lets a person end it.
 *
 * @typedef {import("../lib/api.js").Schemas} Schemas
 */
import { isAbort, newToken, Problem, read, send } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { count } from "../lib/format.js";

/** What is answered sooner shows no progress. */
const QUICK_MS = 700;
const EACH_MS = 500;

/**
 * Waits; not longer than until the signal.
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<null>}
 */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve(null);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

/**
 * Asks how an evaluation goes, until it has ended.
 * @param {string} token
 * @param {AbortSignal} signal
 * @param {(state: Schemas["EvaluationRequest"]) => void} onprogress
 */
async function follow(token, signal, onprogress) {
  await pause(QUICK_MS, signal);
  while (!signal.aborted) {
    try {
      const state = await read(`/evaluations/${token}`, {}, signal);
      if (!signal.aborted) onprogress(/** @type {Schemas["EvaluationRequest"]} */ (state));
    } catch (error) {
      if (!(error instanceof Problem) && !isAbort(error)) throw error;
    }
    await pause(EACH_MS, signal);
  }
}

/**
 * Reads a document that may have to be computed.
 * @template T
 * @param {string} path
 * @param {import("../lib/address.js").QueryValues} query
 * @param {AbortSignal} signal
 * @param {(state: Schemas["EvaluationRequest"], token: string) => void} onprogress
 * @returns {Promise<T>}
 */
export async function compute(path, query, signal, onprogress) {
  const token = newToken();
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  void follow(token, either, (state) => onprogress(state, token));
  try {
    return await read(path, { ...query, evaluation: token }, signal);
  } finally {
    ended.abort();
  }
}

/** @param {Schemas["EvaluationRequest"]} state */
export function progressText(state) {
  if (state.phase === "waiting") return "waiting for its turn";
  if (state.phase === "reading" && state.rows) {
    return `reading: ${count(state.rows_read ?? 0)} of ${count(state.rows)} rows`;
  }
  return state.phase;
}

/**
 * Says what is computed, how far it is, and has a button that ends it.
 * @param {string} what
 * @param {() => void} oncancel  called when the button was pressed
 */
export function progressBox(what, oncancel) {
  const words = h("p", { class: "soft" });
  const bar = h("progress", { "aria-label": what });
  let current = /** @type {string | null} */ (null);
  const button = h(
    "button",
    {
      onclick: () => {
        oncancel();
        if (current) send("DELETE", `/evaluations/${current}`).catch(() => null);
      },
    },
    "Cancel",
  );
  const element = h(
    "div",
    { class: "computing", role: "status", "aria-busy": "true" },
    h("h2", null, what),
    bar,
    words,
    button,
  );
  const update = (
    /** @type {Schemas["EvaluationRequest"]} */ state,
    /** @type {string} */ token,
  ) => {
    current = token;
    fill(words, progressText(state));
    if (state.rows && state.phase === "reading") {
      bar.max = state.rows;
      bar.value = Math.min(state.rows, state.rows_read ?? 0);
    } else {
      bar.removeAttribute("value");
    }
  };
  return { element, update };
}

/**
 * Reads such a document, and shows in an element how far it is once that takes a while. What is in
 * the element stays until then.
 * @template T
 * @param {object} options
 * @param {string} options.path
 * @param {import("../lib/address.js").QueryValues} options.query
 * @param {AbortSignal} options.signal
 * @param {HTMLElement} options.into
 * @param {string} options.what  "the evaluation"
 * @returns {Promise<T>}
 */
export async function computeInto({ path, query, signal, into, what }) {
  const box = progressBox(`${what} is computed for the first time`, () => {});
  try {
    return await compute(path, query, signal, (state, token) => {
      if (!box.element.isConnected) fill(into, box.element);
      box.update(state, token);
    });
  } finally {
    box.element.remove();
  }
}
