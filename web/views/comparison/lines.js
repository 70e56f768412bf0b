/** The lines of curl and SQL for a comparison. */
import { queryText } from "../../lib/address.js";
import { datasetPath } from "../../lib/api.js";
import { copyBox, curlLine, sqlText } from "../../parts/copy.js";
import { selection, stateOf, thresholds } from "./state.js";

/** @param {import("../../lib/router.js").Page} page */
export function lines(page) {
  return copyBox(() => {
    const state = stateOf(new URLSearchParams(location.search));
    const query = queryText({
      run: state.a,
      with: state.b,
      ...selection(state),
      ...thresholds(state),
    });
    const evaluation = (/** @type {string} */ run) =>
      datasetPath(page.dataset, "runs", run, "evaluation") + queryText(selection(state));
    return [
      { title: "This comparison", text: curlLine(datasetPath(page.dataset, "comparison") + query) },
      { title: `The numbers of ${state.a}`, text: curlLine(evaluation(state.a)) },
      { title: `The numbers of ${state.b}`, text: curlLine(evaluation(state.b)) },
      { title: "AP of both by class, of evaluations that are stored", text: sqlOf(page, state) },
    ];
  });
}

/**
 * @param {import("../../lib/router.js").Page} page
 * @param {import("./state.js").State} state
 */
function sqlOf(page, state) {
  return [
    "select c.category, max(c.truths) as truths,",
    `       max(c.ap) filter (where h.run_name = ${sqlText(state.a)}) as ap_a,`,
    `       max(c.ap) filter (where h.run_name = ${sqlText(state.b)}) as ap_b`,
    "from coco.evaluation_history h",
    "join coco.evaluation_classes c using (evaluation_id)",
    `where h.dataset = ${sqlText(page.dataset)} and h.iou_type = ${sqlText(state.kind)}`,
    "  and h.is_current and h.is_default",
    "group by c.category_id, c.category",
    "order by ap_b - ap_a desc nulls last;",
  ].join("\n");
}
