/**
 * Addresses of the page. The state of every view is its address, so a link shows a colleague the
 * same. The paths are those of the API, below /web/.
 *
 * @typedef {"datasets" | "import" | "images" | "statistics" | "evaluation" | "comparison"
 *   | "leaderboard" | "dataset" | "unknown"} ViewName
 * @typedef {object} Place
 * @property {ViewName} view
 * @property {string | null} dataset
 * @property {string | null} item  the import of /web/import/{import}
 * @property {URLSearchParams} query
 */

/** Views of a dataset, in the order of the tabs. */
export const DATASET_VIEWS = /** @type {const} */ ([
  "images",
  "statistics",
  "evaluation",
  "comparison",
  "leaderboard",
]);

/**
 * @param {string} address  with or without an origin
 * @returns {Place}
 */
export function placeOf(address) {
  const url = new URL(address, "http://localhost");
  const place = (
    /** @type {ViewName} */ view,
    /** @type {string | null} */ dataset = null,
    /** @type {string | null} */ item = null,
  ) => ({ view, dataset, item, query: url.searchParams });
  const parts = url.pathname
    .replace(/^\/web\/?/, "")
    .split("/")
    .filter(Boolean)
    .map(decode);
  if (parts.length === 0 || (parts[0] === "datasets" && parts.length === 1)) {
    return place("datasets");
  }
  if (parts[0] === "import" && parts.length <= 2) return place("import", null, parts[1] ?? null);
  if (parts[0] === "datasets" && parts.length === 2) return place("dataset", parts[1]);
  const view = DATASET_VIEWS.find((name) => name === parts[2]);
  if (parts[0] === "datasets" && parts.length === 3 && view) return place(view, parts[1]);
  return place("unknown");
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * @typedef {Record<string, string | number | boolean | null | undefined | string[]>} QueryValues
 * @param {QueryValues | URLSearchParams} values
 */
export function queryText(values) {
  if (values instanceof URLSearchParams) return values.size ? `?${values}` : "";
  const query = changed(new URLSearchParams(), values);
  return query.size ? `?${query}` : "";
}

/**
 * The address of a view of a dataset, or of one of the others.
 * @param {ViewName} view
 * @param {string | null} [dataset]
 * @param {QueryValues | URLSearchParams} [query]
 */
export function addressOf(view, dataset = null, query = {}) {
  const text = queryText(query);
  if (view === "datasets") return `/web/${text}`;
  if (view === "import") return `/web/import${text}`;
  const base = `/web/datasets/${encodeURIComponent(dataset ?? "")}`;
  return view === "dataset" ? base + text : `${base}/${view}${text}`;
}

/**
 * A query with some values changed: null, undefined, "" and false take a value out, true is 1,
 * lists are joined with commas.
 * @param {URLSearchParams} query
 * @param {QueryValues} changes
 */
export function changed(query, changes) {
  const made = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    const text = Array.isArray(value) ? value.join(",") : value === true ? "1" : (value ?? "");
    if (text === "" || text === false) made.delete(name);
    else made.set(name, String(text));
  }
  made.sort();
  return made;
}

/**
 * A list in a query, such as run=a,b.
 * @param {URLSearchParams} query
 * @param {string} name
 */
export function listIn(query, name) {
  return (query.get(name) ?? "").split(",").filter(Boolean);
}

/**
 * A number in a query within bounds, or the default.
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {number} byDefault
 * @param {number} [low]
 * @param {number} [high]
 */
export function numberIn(query, name, byDefault, low = 0, high = 1) {
  const text = query.get(name);
  const number = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? Math.min(high, Math.max(low, number)) : byDefault;
}
