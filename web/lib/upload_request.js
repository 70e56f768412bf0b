/** The request of an upload, and the questions about it. Used by uploads.js alone. */
import { authorization, datasetPath, isAbort, Problem, read, signInAgain, titleOf } from "./api.js";
import { queryText } from "./address.js";

/**
 * @typedef {import("./uploads.js").Upload} Upload
 * @typedef {import("./api.js").Schemas} Schemas
 */

/** Milliseconds between two questions about an upload. */
const EVERY = 400;
/** Of the rows whose speed is shown. */
const WINDOW = 4_000;

/** @param {Upload} upload */
function requestOf(upload) {
  const { kind, dataset, run, options, token } = upload;
  const query = queryText({ ...options, name: kind === "dataset" ? dataset : null, import: token });
  if (kind === "dataset") return { method: "POST", address: "/datasets" + query };
  if (kind === "replace") return { method: "PUT", address: datasetPath(dataset) + query };
  if (kind === "add") {
    return { method: "POST", address: datasetPath(dataset, "annotations") + query };
  }
  return { method: "PUT", address: datasetPath(dataset, "runs", run) + query };
}

/** @param {XMLHttpRequest} request */
function documentOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { title: titleOf(request.status, request.statusText) };
  }
}

/**
 * Sends the file. XMLHttpRequest, because fetch does not tell how many bytes are sent.
 * @param {Upload} upload
 * @param {() => void} changed
 * @returns {Promise<any>}  the document of the answer; raises a Problem, with status 0 if there was
 *   no answer
 */
export async function sendFile(upload, changed) {
  const used = authorization().Authorization;
  const request = await sendOnce(upload, changed);
  if (request.status === 401 && (await signInAgain(used))) {
    upload.sent = 0;
    return sendFile(upload, changed);
  }
  const document = documentOf(request);
  if (request.status >= 200 && request.status < 300) return document;
  throw new Problem(request.status, document);
}

/**
 * @param {Upload} upload
 * @param {() => void} changed
 * @returns {Promise<XMLHttpRequest>}
 */
function sendOnce(upload, changed) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const { method, address } = requestOf(upload);
    const broken = (/** @type {string} */ title) => () => reject(new Problem(0, { title }));
    upload.request = request;
    request.upload.onprogress = (event) => {
      upload.sent = event.loaded;
      changed();
    };
    request.upload.onload = () => {
      upload.sent = upload.size;
      if (upload.state === "sending") upload.state = "working";
      changed();
    };
    request.onload = () => resolve(request);
    request.onerror = broken("the connection broke off while the file was sent");
    request.onabort = broken("cancelled");
    request.open(method, address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/json");
    for (const [name, value] of Object.entries(authorization())) {
      request.setRequestHeader(name, value);
    }
    request.send(upload.file);
  });
}

/**
 * Asks what the service knows of an upload until it has ended.
 * @param {Upload} upload
 * @param {() => void} changed
 * @param {AbortSignal} signal  ends the questions
 * @param {boolean} [isKnown]  it has begun: an unknown token raises a Problem
 * @returns {Promise<Schemas["Import"]>}
 */
export async function follow(upload, changed, signal, isKnown = false) {
  /** @type {[number, number][]} */
  const seen = [];
  for (;;) {
    if (!isKnown || seen.length) await new Promise((done) => setTimeout(done, EVERY));
    signal.throwIfAborted();
    try {
      /** @type {Schemas["Import"]} */
      const document = await read(`/imports/${upload.token}`, {}, signal);
      if (document.state !== "running") return document;
      note(upload, document, seen);
      changed();
    } catch (error) {
      if (isAbort(error)) throw error;
      const isUnknown = error instanceof Problem && error.status === 404;
      if (isKnown && isUnknown) throw error;
      seen.push([performance.now(), upload.rows ?? 0]);
    }
  }
}

/**
 * @param {Upload} upload
 * @param {Schemas["Import"]} document
 * @param {[number, number][]} seen
 */
function note(upload, document, seen) {
  const now = performance.now();
  upload.phase = document.phase ?? "";
  upload.rows = document.rows ?? upload.rows ?? 0;
  seen.push([now, upload.rows]);
  while (seen.length > 2 && now - seen[0][0] > WINDOW) seen.shift();
  const [then, rows] = seen[0];
  upload.rate = now > then ? Math.max(0, ((upload.rows - rows) * 1000) / (now - then)) : 0;
}
