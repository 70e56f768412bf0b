/**
 * What the browser keeps for the page: as long as the tab ("sessionStorage"), or longer. A browser
 * may have no room or be told to keep nothing; then it is held as long as the page.
 *
 * @typedef {"localStorage" | "sessionStorage"} Place
 */

/** @type {Map<string, string>} */
const held = new Map();

/**
 * @param {Place} place
 * @param {string} name
 * @returns {string | null}
 */
export function kept(place, name) {
  if (held.has(name)) return held.get(name) ?? null;
  try {
    return window[place].getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {Place} place
 * @param {string} name
 * @param {string} value
 */
export function keep(place, name, value) {
  try {
    window[place].setItem(name, value);
    held.delete(name);
  } catch {
    held.set(name, value);
  }
}

/**
 * @param {Place} place
 * @param {string} name
 */
export function letGo(place, name) {
  held.delete(name);
  try {
    window[place].removeItem(name);
  } catch {
    // Nothing is kept there.
  }
}
