/**
 * What failed because the service did not answer is tried again by itself, once it answers: the
 * page asks after a while, longer each time, and when the window is looked at or the network is
 * back.
 */
import { isNoAnswer, Problem } from "../lib/api.js";

/** Before each question whether the service answers, in milliseconds; the last one repeats. */
const WAITS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** Questions until only a person makes the page ask again. */
const MOST = 20;

/** How long an answer to that may take, in milliseconds. */
const PATIENCE = 10_000;

/** What has failed, by the element that says so. @type {Map<Element, () => void>} */
const waiting = new Map();
let asked = 0;
let lastAsked = -Infinity;
let timer = 0;
let isAsking = false;
let isWatching = false;

/** Whether an error may be over soon. @param {unknown} error */
export function isPassing(error) {
  return error instanceof Problem && (isNoAnswer(error) || error.status === 503);
}

/**
 * Calls a function once the service answers, unless the element is taken away before.
 * @param {Element} element
 * @param {() => void} again
 */
export function whenItAnswers(element, again) {
  forget();
  const isNew = waiting.size === 0 && performance.now() - lastAsked > WAITS[WAITS.length - 1];
  if (isNew) asked = 0;
  waiting.set(element, again);
  watch();
  wait();
}

/** What is not shown any more need not be tried. */
function forget() {
  for (const element of waiting.keys()) if (!element.isConnected) waiting.delete(element);
}

/** From the first failure on. */
function watch() {
  if (isWatching) return;
  isWatching = true;
  addEventListener("focus", tryAgain);
  addEventListener("online", tryAgain);
  document.addEventListener("visibilitychange", tryAgain);
}

function wait() {
  clearTimeout(timer);
  if (asked < MOST) timer = window.setTimeout(tryAgain, WAITS[Math.min(asked, WAITS.length - 1)]);
}

/** A database that takes no writes can be read. */
async function isReady() {
  try {
    const response = await fetch("/readyz", {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    return response.status < 500 || (await response.json()).code === "read_only";
  } catch {
    return false;
  }
}

async function tryAgain() {
  forget();
  if (waiting.size === 0 || isAsking || document.hidden) return;
  isAsking = true;
  asked += 1;
  lastAsked = performance.now();
  const isThere = await isReady();
  isAsking = false;
  if (!isThere) {
    wait();
    return;
  }
  const all = [...waiting];
  waiting.clear();
  for (const [element, again] of all) if (element.isConnected) again();
}
