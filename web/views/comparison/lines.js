/** The lines of curl and SQL for a comparison. */
import { queryText } from "../../lib/address.js";
import { datasetPath } from "../../lib/api.js";
import { pointParameters } from "../../lib/point.js";
import { copyBox, curlLine, sqlText } from "../../parts/copy.js";
import { selection, stateOf } from "./state.js";

/** @param {import("../../lib/router.js").Page} page */
export function lines(page) {
  return copyBox(() => {
    const state = stateOf(new URLSearchParams(location.search));
    const query = queryText({
      run: state.a,
      with: state.b,
      ...selection(state),
      ...pointParameters(state),
    });
    const evaluation = (/** @type {string} */ run) =>
      datasetPath(page.dataset, "runs", run, "evaluation") + queryText(selection(state));
    return [
      { title: "This comparison", text: curlLine(datasetPath(page.dataset, "comparison") + query) },
      { title: `The numbers of ${state.a}`, text: curlLine(evaluation(state.a)) },
      { title: `The numbers of ${state.b}`, text: curlLine(evaluation(state.b)) },
      {
        title: "AP of both by class, of all images, once both are evaluated",
        text: sqlOf(page, state),
      },
    ];
  });
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {import("./state.js").State} state
 */
function sqlOf(page, state) {
  const of = (/** @type {string} */ run) =>
    [
      "(select c.category_id, c.category, c.truth_count, c.ap",
      "  from coco.evaluation_history h join coco.evaluation_classes c using (evaluation_id)",
      `  where h.dataset = ${sqlText(page.dataset)} and h.run_name = ${sqlText(run)}`,
      `    and h.iou_type = ${sqlText(state.kind)} and h.is_current and h.is_default)`,
    ].join("\n");
  return [
    "select category, truth_count, a.ap as ap_a, b.ap as ap_b, b.ap - a.ap as difference",
    `from ${of(state.a)} a`,
    `join ${of(state.b)} b`,
    "  using (category_id, category, truth_count)",
    "order by difference desc;",
  ].join("\n");
}
