/** What is wrong with a ground truth, and where to see it. */
import { addressOf } from "../../lib/address.js";
import { h } from "../../lib/dom.js";
import { count, counted } from "../../lib/format.js";

/**
 * @typedef {import("../../lib/api.js").Schemas} Schemas
 * @typedef {NonNullable<Schemas["Health"]["findings"]>[number]} Finding
 */

/** @param {Schemas["Health"]} report */
function foundIn(report) {
  return (report.findings ?? []).filter((finding) => finding.count > 0);
}

/**
 * The health in a line.
 * @param {Schemas["Health"]} report
 * @returns {{words: string, kind: string}}
 */
export function healthWords(report) {
  if (report.state === "pending") return { words: "health: not looked at yet", kind: "soft" };
  if (report.state === "failed") return { words: "health: could not be judged", kind: "soft" };
  const found = foundIn(report);
  if (!found.length) return { words: "✓ nothing wrong found", kind: "good" };
  return { words: `⚠ ${counted(found.length, "finding")}`, kind: "warn" };
}

/**
 * @param {string} dataset
 * @param {Finding["examples"][number]} example
 */
function exampleItem(dataset, example) {
  const { image_id: image, annotation_id: annotation, repeats } = example;
  const words = [];
  if (annotation !== undefined) words.push(`annotation ${annotation}`);
  if (repeats !== undefined) words.push(`repeats ${repeats}`);
  if (example.bbox) words.push(`[${example.bbox.map((n) => Number(n.toFixed(2))).join(", ")}]`);
  if (example.width && example.height) words.push(`in ${example.width} × ${example.height}`);
  if (example.category) words.push(example.category);
  if (example.count !== undefined) words.push(`${counted(example.count, "annotation")}`);
  if (example.detail) words.push(example.detail);
  const place =
    image !== undefined
      ? h(
          "a",
          { href: addressOf("images", dataset, { image }) },
          example.file_name || `image ${image}`,
        )
      : example.category !== undefined && example.count
        ? h("a", { href: addressOf("images", dataset, { category: example.category }) }, "images")
        : null;
  return h("li", null, place, place && " ", words.join(" "));
}

/**
 * @param {string} dataset
 * @param {Schemas["Health"]} report
 */
export function healthSection(dataset, report) {
  const { words, kind } = healthWords(report);
  const found = foundIn(report);
  const checked = (report.findings ?? []).filter((finding) => !finding.count);
  const unknown = checked.filter((finding) => finding.count === null);
  return [
    h("p", { class: kind }, words),
    found.map((finding) =>
      h(
        "details",
        { class: "finding", open: found.length <= 2 },
        h("summary", null, h("strong", null, `${count(finding.count)} ×`), ` ${finding.what}`),
        h(
          "ul",
          null,
          finding.examples.map((example) => exampleItem(dataset, example)),
        ),
      ),
    ),
    checked.length > 0 &&
      h(
        "details",
        null,
        h("summary", { class: "soft" }, `${counted(checked.length, "check")} without a finding`),
        h(
          "ul",
          { class: "soft" },
          checked.map((finding) =>
            h("li", null, finding.what, unknown.includes(finding) && " (not counted yet)"),
          ),
        ),
      ),
  ].flat();
}
