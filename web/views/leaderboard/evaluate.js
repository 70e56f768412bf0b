/** Evaluates runs that have no numbers yet, one after the other, with progress and an end. */
import { datasetPath, isAbort, Problem } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { counted } from "../../lib/format.js";
import { overlapQuery, shownSigmas } from "../../lib/sigmas.js";
import { compute, progressText } from "../../parts/computing.js";
import { canHaveInterval, isOfOtherSigmas } from "./state.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {import("./state.js").Run} Run
 * @typedef {ReturnType<typeof evaluator>} Evaluator
 */

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {import("./state.js").State} state
 * @param {Schemas["Params"]} params  those that are compared
 * @param {boolean} isAble  false: sigmas of keypoints lack
 * @param {AbortSignal} viewed  aborts when the list is loaded anew
 * @param {() => void} ondone
 */
export function evaluator(page, state, params, isAble, viewed, ondone) {
  const words = h("p", { role: "status" });
  const problems = h("div");
  let now = /** @type {AbortController | null} */ (null);
  const cancel = h("button", { hidden: true, onclick: () => now?.abort() }, "Cancel");
  viewed.addEventListener("abort", () => now?.abort());
  page.signal.addEventListener("abort", () => now?.abort());

  /**
   * @param {Run} run
   * @param {AbortSignal} signal
   */
  async function evaluate(run, signal) {
    const path = datasetPath(page.dataset, "runs", run.run_name, "evaluation");
    fill(words, `${run.run_name} is evaluated`);
    const query = { ...overlapQuery(state), include: "interval" };
    await compute(path, query, signal, (progress) => {
      fill(words, `${run.run_name} is evaluated: ${progressText(progress)}`);
    });
  }

  /** @param {Run[]} runs */
  async function all(runs) {
    if (now) return;
    const { signal } = (now = new AbortController());
    cancel.hidden = false;
    fill(problems);
    setDisabled(true);
    let done = 0;
    for (const run of runs) {
      if (signal.aborted) break;
      try {
        await evaluate(run, signal);
        done += 1;
      } catch (error) {
        if (signal.aborted || isAbort(error)) break;
        const text = error instanceof Problem ? error.message : String(error);
        problems.append(h("p", { class: "problem", role: "alert" }, `${run.run_name}: ${text}`));
      }
    }
    now = null;
    cancel.hidden = true;
    if (viewed.aborted || page.signal.aborted) return;
    fill(words, signal.aborted ? "Cancelled" : "");
    if (done) ondone();
    else setDisabled(false);
  }

  /** All buttons that evaluate. @param {boolean} isDisabled */
  function setDisabled(isDisabled) {
    document.querySelectorAll(".board-evaluate").forEach((button) => {
      /** @type {HTMLButtonElement} */ (button).disabled = isDisabled;
    });
  }

  return {
    /** A button for one run. @param {Run} run */
    button(run) {
      if (!isAble) return "–";
      return h(
        "button",
        { class: "board-evaluate", onclick: () => void all([run]) },
        "Evaluate",
        h("span", { class: "unseen" }, ` ${run.run_name}`),
      );
    },
    /** What is missing, with a button for all of it. @param {Run[]} runs */
    bar(runs) {
      if (!isAble) return null;
      const others = params?.sigmas ?? [];
      const numbersOf = shownSigmas(others.join(","), others.length);
      const isOther = isOfOtherSigmas(state, params);
      const missing = runs.filter((run) => isOther || run.evaluation_id === null);
      const unsure = runs.filter((run) => !missing.includes(run) && !run.interval);
      const isUnsure = canHaveInterval(state) && unsure.length > 0;
      if (!missing.length && !isUnsure) return null;
      const verb = missing.length === 1 ? "is" : "are";
      return h(
        "div",
        { class: "board-todo" },
        h(
          "div",
          { class: "notice controls" },
          missing.length > 0 && [
            h(
              "span",
              null,
              `${counted(missing.length, "run")} ${verb} not evaluated yet`,
              isOther && ` with these sigmas; the numbers are of ${numbersOf}`,
              ".",
            ),
            h(
              "button",
              { class: "board-evaluate", onclick: () => void all(missing) },
              missing.length === 1 ? `Evaluate ${missing[0].run_name}` : "Evaluate all",
            ),
          ],
          isUnsure && [
            h("span", null, `${counted(unsure.length, "run")} without an interval of AP.`),
            h(
              "button",
              { class: "board-evaluate", onclick: () => void all(unsure) },
              "Compute intervals",
            ),
          ],
          words,
          cancel,
        ),
        problems,
      );
    },
  };
}
