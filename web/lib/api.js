/**
 * Talks to the API. Documents have the types that the service's own description gives them.
 *
 * @typedef {import("pgcoco/api").components["schemas"]} Schemas
 */
import { queryText } from "./address.js";
import { keep, kept } from "./storage.js";

/** A problem document (RFC 9457), or a connection that failed. */
export class Problem extends Error {
  /**
   * @param {number} status  0: no answer
   * @param {Partial<Schemas["Problem"]> & Record<string, unknown>} document
   */
  constructor(status, document) {
    super(document.detail ?? document.title ?? `the server answered ${status}`);
    this.status = status;
    this.code = document.code ?? "";
    this.document = document;
  }
}

/** Without an answer, or with one of the web server alone. */
const NO_ANSWER = [0, 502, 504];

/** Whether the service has not answered: what it has done is not known. @param {Problem} problem */
export function isNoAnswer(problem) {
  return NO_ANSWER.includes(problem.status);
}

/** Called when the server asks for a token; gives it, or null. */
let signIn = /** @type {null | (() => Promise<string | null>)} */ (null);

/** @param {() => Promise<string | null>} ask */
export function onSignIn(ask) {
  signIn = ask;
}

/** @returns {Record<string, string>} */
export function authorization() {
  const token = kept("sessionStorage", "token");
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/**
 * The path of a dataset in the API, and below it; every part is encoded. Raises a Problem for "."
 * and "..", which name nothing, but would lead elsewhere however they are encoded.
 * @param {string} dataset
 * @param {...(string | number)} parts
 */
export function datasetPath(dataset, ...parts) {
  const names = [dataset, ...parts].map(String);
  const dots = names.find((name) => name === "." || name === "..");
  if (dots) throw new Problem(404, { detail: `nothing is called ${dots}` });
  return ["/datasets", ...names.map(encodeURIComponent)].join("/");
}

/**
 * What an answer says that is no document.
 * @param {number} status
 * @param {string} words
 */
export function titleOf(status, words) {
  return NO_ANSWER.includes(status)
    ? `the service does not answer (${status}); is it running?`
    : `the server answered ${status} ${words}`.trim();
}

/**
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
async function problemOf(response) {
  try {
    return new Problem(response.status, await response.json());
  } catch {
    const title = titleOf(response.status, response.statusText);
    return new Problem(response.status, { title });
  }
}

/**
 * After an answer 401: whether there is another token to try than the one that was sent.
 * @param {string | undefined} used  what was sent as Authorization
 */
export async function signInAgain(used) {
  if (authorization().Authorization !== used) return true;
  const token = signIn ? await signIn() : null;
  if (token) keep("sessionStorage", "token", token);
  return Boolean(token);
}

/**
 * Asks the server, signed in where it wants that. Raises a Problem unless the answer is good.
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Response>}
 */
export async function ask(path, init) {
  const sent = authorization();
  const headers = { Accept: "application/json", ...sent, ...init.headers };
  let response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, { title: "the service does not answer; is it running?" });
  }
  if (response.status === 401 && (await signInAgain(sent.Authorization))) return ask(path, init);
  if (!response.ok) throw await problemOf(response);
  return response;
}

/**
 * Reads a document. Raises a Problem, or an AbortError if the signal ends it.
 * @template T
 * @param {string} path
 * @param {import("./address.js").QueryValues | URLSearchParams} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function read(path, query = {}, signal) {
  const response = await ask(path + queryText(query), { signal });
  return response.json();
}

/**
 * Sends a request that changes something. Its answer may be empty: null.
 * @template T
 * @param {"PUT" | "POST" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]  becomes JSON
 * @returns {Promise<T | null>}
 */
export async function send(method, path, body) {
  const response = await ask(path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
  });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/**
 * Reads page after page, as long as there is a next one and the caller goes on.
 * @template {{next?: string | null}} T
 * @param {string} path
 * @param {import("./address.js").QueryValues} [query]
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<T>}
 */
export async function* pages(path, query = {}, signal) {
  let next = /** @type {string | null | undefined} */ (path + queryText(query));
  while (next) {
    const page = /** @type {T} */ (await read(next, {}, signal));
    yield page;
    next = page.next;
  }
}

/** A token for an import or an evaluation, which no other request has. */
export function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return "web-" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {unknown} error */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}
