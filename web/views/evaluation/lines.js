/** Lines of curl and SQL for what the view shows. */
import { queryText } from "../../lib/address.js";
import { curlLine, shellWord, sqlText } from "../../parts/copy.js";
import { evaluationQuery, overlapQuery, pointQuery, runPath } from "./state.js";

/** @typedef {import("./state.js").State} State */

/**
 * @param {State} state
 * @returns {{title: string, text: string}[]}
 */
export function copyLines(state) {
  const include = "curves,matrix,calibration,interval";
  const query = queryText({ ...pointQuery(state), include });
  const type = queryText(overlapQuery(state));
  const where = [
    `h.dataset = ${sqlText(state.dataset)} and h.run_name = ${sqlText(state.run)}`,
    `h.iou_type = ${sqlText(state.iouType)} and h.is_current`,
    `h.split is not distinct from ${state.split ? sqlText(state.split) : "null"}`,
    `h.slice is not distinct from ${state.slice ? sqlText(state.slice) : "null"}`,
    ...sigmasCondition(state),
    "jsonb_array_length(e.params -> 'iou_thresholds') = 10 -- from 0.50 to 0.95",
    "e.params ->> 'categories' is null -- of all classes",
  ].join("\n  and ");
  const from = "from coco.evaluation_history h join coco.evaluations e using (evaluation_id)";
  const evaluationPath = runPath(state, "evaluation");
  return [
    { title: "All numbers of this view", text: curlLine(evaluationPath + query) },
    {
      title: "The run on each slice",
      text: curlLine(runPath(state, "evaluation", "slices") + type),
    },
    {
      title: "Detections that are errors, the surest first",
      text: curlLine(runPath(state, "errors") + type),
    },
    {
      title: "AP and the operating point, in SQL",
      text:
        "select h.evaluated_at, h.ap, h.ap50, h.precision, h.recall, h.f1\n" +
        `${from}\nwhere ${where}\norder by h.evaluated_at desc`,
    },
    {
      title: "Classes, the worst first, in SQL",
      text:
        "select c.category, c.truth_count, c.ap, c.true_positives, c.false_positives\n" +
        `${from}\n  join coco.evaluation_classes c using (evaluation_id)\n` +
        `where ${where}\norder by c.ap nulls first`,
    },
    {
      title: "At a shell",
      text: [
        "pgcoco evaluate",
        ...[state.dataset, state.run].map(shellWord),
        ...shellOptions(state),
      ].join(" "),
    },
  ];
}

/** @param {State} state */
function sigmasCondition(state) {
  const { sigmas } = overlapQuery(state);
  const numbers = `${sqlText(`{${sigmas}}`)}::float8[]`;
  return sigmas ? [`coco.numbers_of(e.params -> 'sigmas') = ${numbers}`] : [];
}

/** @param {State} state */
function shellOptions(state) {
  return Object.entries(evaluationQuery(state))
    .filter(([, value]) => value)
    .map(([name, value]) => `--${name.replace("_", "-")} ${shellWord(String(value))}`);
}
