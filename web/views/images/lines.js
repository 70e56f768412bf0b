/** Lines of curl and SQL for what the images view shows. */
import { queryText } from "../../lib/address.js";
import { datasetPath } from "../../lib/api.js";
import { curlLine, sqlText } from "../../parts/copy.js";
import { filterRun, listFilters, listRequest, sourcesOf } from "./state.js";

const NUMBERS = new Set(["min_confidence", "min_area", "below_area", "min_count", "max_count"]);

/**
 * Arguments of a function in SQL, by name.
 * @param {Record<string, string>} values
 */
function named(values) {
  return Object.entries(values).map(([name, value]) => {
    const text = NUMBERS.has(name) ? String(Number(value)) : sqlText(value);
    return `, ${name} => ${text}`;
  });
}

/**
 * @param {string} dataset
 * @param {import("./state.js").State} state
 */
function listInSql(dataset, state) {
  const { cell, filters, iouType } = state;
  if (!cell)
    return `select coco.images_document(${sqlText(dataset)}${named(listFilters(state)).join("")});`;
  const values = {
    truth: cell.truth,
    predicted: cell.predicted,
    iou_type: iouType,
    ...(cell.confidence && { min_confidence: cell.confidence }),
    ...(filters.split && { split: filters.split }),
    ...(filters.slice && { slice: filters.slice }),
  };
  const run = sqlText(filterRun(state));
  return `select coco.error_images_document(${sqlText(dataset)}, ${run}${named(values).join("")});`;
}

/**
 * @param {string} dataset
 * @param {number} datasetId
 * @param {import("./state.js").State} state
 * @param {number | null} image  the one that is shown large
 */
export function linesOf(dataset, datasetId, state, image) {
  const { path, query } = listRequest(dataset, state);
  const lines = [
    { title: "The images of this list", text: curlLine(path + queryText(query)) },
    { title: "The same in SQL", text: listInSql(dataset, state) },
  ];
  if (image === null) return lines;
  const sources = sourcesOf(state);
  const rows = datasetPath(dataset, "images", image, "annotations");
  const list = sources.map(sqlText).join(", ");
  return [
    {
      title: "The rows of this image",
      text: curlLine(rows + queryText({ source: sources, iou_type: state.iouType })),
    },
    {
      title: "The same in SQL",
      text:
        "select source, annotation_id, category_id, confidence, bbox_x, bbox_y, bbox_w, bbox_h\n" +
        `from coco.annotations\nwhere dataset_id = ${datasetId} and image_id = ${image}` +
        ` and source in (${list})\norder by source, annotation_id;`,
    },
    ...lines,
  ];
}
