/** Lines of curl and SQL for what the view shows. */
import { queryText } from "../../lib/address.js";
import { curlLine, sqlText } from "../../parts/copy.js";
import { evaluationQuery, pointQuery, runPath } from "./state.js";

/** @typedef {import("./state.js").State} State */

/**
 * @param {State} state
 * @returns {{title: string, text: string}[]}
 */
export function copyLines(state) {
  const include = "curves,matrix,calibration,interval";
  const query = queryText({ ...pointQuery(state), include });
  const type = queryText({ iou_type: state.iouType === "bbox" ? null : state.iouType });
  const where =
    `dataset = ${sqlText(state.dataset)} and run_name = ${sqlText(state.run)}\n` +
    `  and iou_type = ${sqlText(state.iouType)} and is_current`;
  const part =
    `\n  and split is not distinct from ${state.split ? sqlText(state.split) : "null"}` +
    `\n  and slice is not distinct from ${state.slice ? sqlText(state.slice) : "null"}`;
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
        "select evaluated_at, ap, ap50, precision, recall, f1\n" +
        `from coco.evaluation_history\nwhere ${where}${part}\norder by evaluated_at desc`,
    },
    {
      title: "Classes, the worst first, in SQL",
      text:
        "select c.category, c.truth_count, c.ap, c.true_positives, c.false_positives\n" +
        "from coco.evaluation_history h join coco.evaluation_classes c using (evaluation_id)\n" +
        `where ${where.replaceAll(/(dataset|run_name|iou_type|is_current)(?= =|$)/g, "h.$1")}` +
        `${part.replaceAll(/and (split|slice)/g, "and h.$1")}\norder by c.ap nulls first`,
    },
    {
      title: "At a shell",
      text: ["pgcoco evaluate", state.dataset, state.run, ...shellOptions(state)].join(" "),
    },
  ];
}

/** @param {State} state */
function shellOptions(state) {
  return Object.entries(evaluationQuery(state))
    .filter(([, value]) => value)
    .map(([name, value]) => `--${name.replace("_", "-")} ${value}`);
}
