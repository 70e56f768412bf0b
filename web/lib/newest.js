/** The newest value alone: sliders and boxes change faster than a server answers. */

const PATIENCE = 500; // ms; a request that takes longer is given up for a newer one

/**
 * What is asked for while a request runs waits for its end, and what waited before is dropped. So a
 * slider shows what it passes, and ends with what it stands at.
 * @template T
 * @param {AbortSignal} signal  ends all of it
 * @param {(value: T, signal: AbortSignal) => Promise<void>} run  handles its own errors
 * @returns {(value: T) => void}
 */
export function newestOnly(signal, run) {
  let waiting = /** @type {{value: T} | null} */ (null);
  let running = /** @type {{stop: AbortController, since: number} | null} */ (null);
  signal.addEventListener("abort", () => {
    waiting = null;
    running?.stop.abort();
  });

  async function next() {
    while (waiting && !signal.aborted) {
      const { value } = waiting;
      waiting = null;
      running = { stop: new AbortController(), since: Date.now() };
      try {
        await run(value, running.stop.signal);
      } catch {
        // Given up for a newer one.
      }
    }
    running = null;
  }

  return (value) => {
    waiting = { value };
    if (!running) void next();
    else if (Date.now() - running.since > PATIENCE) running.stop.abort();
  };
}

/**
 * Calls once no other value has come for a while.
 * @template T
 * @param {number} ms
 * @param {AbortSignal} signal  ends it
 * @param {(value: T) => void} run
 * @returns {(value: T) => void}
 */
export function debounced(ms, signal, run) {
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (value) => {
    clearTimeout(timer);
    if (!signal.aborted) timer = window.setTimeout(() => run(value), ms);
  };
}

/**
 * Calls with the newest value, once in a while.
 * @template T
 * @param {number} ms
 * @param {(value: T) => void} run
 * @returns {(value: T) => void}
 */
export function throttled(ms, run) {
  let timer = 0;
  let newest = /** @type {T} */ (/** @type {unknown} */ (undefined));
  return (value) => {
    newest = value;
    timer ||= window.setTimeout(() => {
      timer = 0;
      run(newest);
    }, ms);
  };
}
