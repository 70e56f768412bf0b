/** The last uploads of this browser, by their tokens, whatever they came to. */

import { keep, kept, letGo } from "./storage.js";

/** @typedef {import("./uploads.js").Upload} Upload */

const MOST = 20;
const KEY = "imports";

/** Whether it has what the page makes use of. @param {any} one */
function isUpload(one) {
  const texts = [one?.token, one?.kind, one?.dataset, one?.run, one?.fileName, one?.state];
  const isTime = Math.abs(one?.startedAt) <= 8.64e15; // the bound of a Date
  return texts.every((text) => typeof text === "string") && isTime && Boolean(one.options);
}

/** @returns {Upload[]} */
export function remembered() {
  try {
    const list = JSON.parse(kept("localStorage", KEY) ?? "[]");
    return Array.isArray(list) ? list.filter(isUpload) : [];
  } catch {
    return [];
  }
}

/** @param {Upload} upload */
export function remember(upload) {
  const { token, kind, dataset, run, fileName, size, startedAt, options, state } = upload;
  if (options.dry_run) return; // the service keeps nothing of it either
  const entry = { token, kind, dataset, run, fileName, size, startedAt, options, state };
  const others = remembered().filter((one) => one.token !== token);
  const list = [entry, ...others].sort((a, b) => b.startedAt - a.startedAt);
  keep("localStorage", KEY, JSON.stringify(list.slice(0, MOST)));
}

export function forgetRemembered() {
  letGo("localStorage", KEY);
}
