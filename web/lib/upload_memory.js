/** The last uploads of this browser, by their tokens, whatever they came to. */

/** @typedef {import("./uploads.js").Upload} Upload */

const MOST = 20;
const KEY = "imports";

/** @returns {Upload[]} */
export function remembered() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one?.token === "string") : [];
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
  localStorage.setItem(KEY, JSON.stringify(list.slice(0, MOST)));
}

export function forgetRemembered() {
  localStorage.removeItem(KEY);
}
