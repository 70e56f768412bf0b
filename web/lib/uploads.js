/**
 * Uploads: a queue of files that are sent, two at a time, and followed by their tokens. They go on
 * while other views are shown. Tokens are remembered, so a page that is loaded again finds them.
 *
 * @typedef {import("./api.js").Schemas} Schemas
 * @typedef {"run" | "dataset" | "replace" | "add"} Kind  a run; a new dataset; another ground truth
 *   of a dataset; a second file of a dataset
 * @typedef {"waiting" | "sending" | "working" | "stopping" | "done" | "failed" | "cancelled"
 *   | "lost"} State  working: all bytes are sent; lost: nobody knows what became of it
 * @typedef {object} Upload
 * @property {string} token
 * @property {Kind} kind
 * @property {string} dataset
 * @property {string} run  "" where it is none
 * @property {string} fileName
 * @property {number} size
 * @property {number} startedAt  milliseconds
 * @property {import("./address.js").QueryValues} options  of the request
 * @property {State} state
 * @property {File | null} [file]  null: an earlier page has sent it
 * @property {Upload | null} [after]  begins when this one is done
 * @property {number} [sent]  bytes
 * @property {number} [rows]  copied into the database
 * @property {number} [rate]  rows a second
 * @property {string} [phase]
 * @property {Schemas["RunImport"] | Schemas["DatasetImport"] | null} [outcome]
 * @property {Problem | null} [problem]
 * @property {XMLHttpRequest | null} [request]
 */
import { isNoAnswer, newToken, Problem, read } from "./api.js";
import { forgetRemembered, remember, remembered } from "./upload_memory.js";
import { follow, sendFile } from "./upload_request.js";

const AT_ONCE = 2;

/** @type {Upload[]} newest first */
let uploads = [];
const watchers = new Set();

/**
 * Calls a function whenever an upload changes; its argument is null when the list itself does.
 * @param {(upload: Upload | null) => void} watcher
 * @param {AbortSignal} [signal]
 */
export function watch(watcher, signal) {
  watchers.add(watcher);
  signal?.addEventListener("abort", () => watchers.delete(watcher));
}

/** @param {Upload | null} upload */
function tell(upload) {
  for (const watcher of watchers) watcher(upload);
}

/** @param {Upload} upload */
export function isOver(upload) {
  return ["done", "failed", "cancelled", "lost"].includes(upload.state);
}

/** Those of this page, and those that it has looked up. */
export function allUploads() {
  return uploads;
}

/** How many would be lost with the page. */
function unsent() {
  return uploads.filter((one) => one.file && !isOver(one) && one.state !== "working").length;
}

/** @param {string} token */
export function findUpload(token) {
  return uploads.find((one) => one.token === token) ?? null;
}

export function forgetAll() {
  forgetRemembered();
  uploads = uploads.filter((one) => !isOver(one));
  tell(null);
}

// ---- the queue

/**
 * Adds a file to the queue.
 * @param {Pick<Upload, "kind" | "dataset" | "run" | "options"> & {file: File, after?: Upload}} what
 * @returns {Upload}
 */
export function enqueue(what) {
  const upload = /** @type {Upload} */ ({
    ...what,
    token: newToken(),
    fileName: what.file.name,
    size: what.file.size,
    startedAt: Date.now(),
    state: "waiting",
    sent: 0,
    rows: 0,
  });
  uploads = [upload, ...uploads];
  tell(null);
  pump();
  return upload;
}

/** Whether two of them would be in each other's way: the service refuses the second. */
function collide(/** @type {Upload} */ a, /** @type {Upload} */ b) {
  if (a.dataset !== b.dataset) return false;
  return a.kind !== "run" || b.kind !== "run" || a.run === b.run;
}

/** Begins what may begin, the oldest first. */
function pump() {
  for (const upload of [...uploads].reverse()) {
    if (upload.state !== "waiting") continue;
    const running = uploads.filter((one) => !isOver(one) && one.state !== "waiting" && one.file);
    if (running.length >= AT_ONCE) return;
    if (running.some((one) => collide(one, upload))) continue;
    if (upload.after && !isOver(upload.after)) continue;
    if (upload.after && upload.after.state !== "done") {
      const title = `not sent, because ${upload.after.fileName} was not imported`;
      end(upload, "failed", new Problem(0, { title }));
      continue;
    }
    void run(upload);
  }
}

/**
 * @param {Upload} upload
 * @param {State} state
 * @param {Problem | null} [problem]
 */
function end(upload, state, problem = null) {
  upload.state = state;
  upload.problem = problem;
  upload.request = null;
  remember(upload);
  tell(upload);
}

/** @param {Upload} upload */
async function run(upload) {
  upload.state = "sending";
  upload.startedAt = Date.now();
  remember(upload);
  tell(upload);
  const ended = new AbortController();
  const told = follow(upload, () => tell(upload), ended.signal);
  try {
    upload.outcome = await Promise.race([
      sendFile(upload, () => tell(upload)),
      told.then((document) => outcomeOf(upload, document)),
    ]);
    end(upload, "done");
  } catch (error) {
    await settle(upload, error instanceof Problem ? error : new Problem(0, { title: `${error}` }));
  } finally {
    ended.abort();
    upload.request?.abort();
    pump();
  }
}

/**
 * The outcome that the service tells under a token, which is there before the answer where a file
 * is refused while it is sent.
 * @param {Upload} upload
 * @param {Schemas["Import"]} document
 */
function outcomeOf(upload, document) {
  const { state, outcome } = document;
  if (state === "done") return /** @type {Schemas["RunImport"]} */ (outcome);
  const problem = /** @type {Schemas["Problem"] | null} */ (outcome);
  throw new Problem(
    problem?.status ?? 0,
    problem ?? { title: `the import of ${upload.run} is lost` },
  );
}

/**
 * Finds out what an upload has come to that was broken off: it may have been published.
 * @param {Upload} upload
 * @param {Problem} problem
 */
async function settle(upload, problem) {
  const wasStopped = upload.state === "stopping";
  if (!wasStopped && !isNoAnswer(problem)) return end(upload, "failed", problem);
  if (!wasStopped) upload.phase = "asking";
  tell(upload);
  try {
    const document = await follow(upload, () => tell(upload), AbortSignal.timeout(60_000), true);
    if (document.state === "done") {
      upload.outcome = outcomeOf(upload, document);
      return end(upload, "done");
    }
  } catch {
    // It never began, or the service does not answer: nothing was published that is known of.
  }
  return end(upload, wasStopped ? "cancelled" : "failed", wasStopped ? null : problem);
}

/**
 * Stops an upload. What it would have replaced stays.
 * @param {Upload} upload
 */
export function cancel(upload) {
  if (upload.state === "waiting") {
    uploads = uploads.filter((one) => one !== upload);
    tell(null);
    return;
  }
  upload.state = "stopping";
  tell(upload);
  upload.request?.abort();
}

/**
 * Finds an upload by its token, also one of an earlier page; follows it where it still runs.
 * @param {string} token
 * @param {AbortSignal} signal
 * @returns {Promise<Upload>}  raises a Problem where nobody knows the token
 */
export async function lookUp(token, signal) {
  const known = findUpload(token);
  if (known) return known;
  const kept = remembered().find((one) => one.token === token);
  /** @type {Schemas["Import"]} */
  const document = await read(`/imports/${encodeURIComponent(token)}`, {}, signal);
  const upload = fromDocument(token, kept ?? null, document);
  uploads = [upload, ...uploads];
  if (!isOver(upload)) void followLater(upload);
  return upload;
}

/**
 * Looks up those that an earlier page left unfinished.
 * @param {AbortSignal} signal
 */
export async function resume(signal) {
  for (const kept of remembered()) {
    if (isOver(kept) || findUpload(kept.token)) continue;
    try {
      await lookUp(kept.token, signal);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) return;
      remember({ ...kept, state: "lost" });
    }
    tell(null);
  }
}

/**
 * @param {string} token
 * @param {Upload | null} kept
 * @param {Schemas["Import"]} document
 */
function fromDocument(token, kept, document) {
  const upload = /** @type {Upload} */ ({
    kind: "dataset",
    fileName: "",
    size: 0,
    startedAt: Date.parse(document.started_at ?? "") || Date.now(),
    options: {},
    dataset: "",
    run: "",
    ...kept,
    token,
    file: null,
    rows: document.rows ?? 0,
  });
  take(upload, document);
  return upload;
}

/**
 * @param {Upload} upload
 * @param {Schemas["Import"]} document
 */
function take(upload, document) {
  upload.phase = document.phase ?? "";
  upload.dataset = document.dataset ?? upload.dataset;
  upload.run = document.run_name ?? upload.run;
  if (upload.run) upload.kind = "run";
  if (document.state === "running") {
    upload.state = "working";
    return;
  }
  try {
    upload.outcome = outcomeOf(upload, document);
    upload.state = "done";
  } catch (error) {
    upload.problem = /** @type {Problem} */ (error);
    upload.state = document.state === "lost" ? "lost" : "failed";
  }
  remember(upload);
}

/** @param {Upload} upload */
async function followLater(upload) {
  try {
    const document = await follow(upload, () => tell(upload), new AbortController().signal, true);
    take(upload, document);
    tell(upload);
  } catch {
    end(upload, "lost", new Problem(404, { title: "the service does not know it any more" }));
  }
}

addEventListener("beforeunload", (event) => {
  if (unsent() > 0) event.preventDefault();
});
