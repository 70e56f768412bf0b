/** What is known about an image: size, split, slices, other members of the file. */
import { addressOf } from "../../lib/address.js";
import { datasetPath } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { count } from "../../lib/format.js";

/** A longer value is cut. */
const MOST_TEXT = 400;

/**
 * @param {string} dataset
 * @param {import("../../lib/api.js").Schemas["Image"]} image
 */
export function detailsOf(dataset, image) {
  const lines = /** @type {[string, import("../../lib/dom.js").Children][]} */ ([
    ["id", image.text_id ?? String(image.image_id)],
    ["size", image.width && image.height ? `${image.width} × ${image.height} px` : "not told"],
    [
      "split",
      image.split &&
        h("a", { href: addressOf("images", dataset, { split: image.split }) }, image.split),
    ],
    [
      "slices",
      image.slices.flatMap((slice, i) => [
        i ? ", " : "",
        h("a", { href: addressOf("images", dataset, { slice }) }, slice),
      ]),
    ],
  ]);
  for (const [source, number] of Object.entries(image.counts)) {
    lines.push([source === "ground_truth" ? "objects" : `in ${source}`, count(number)]);
  }
  for (const [name, value] of Object.entries(image.extra ?? {})) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    lines.push([name, text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text]);
  }
  return h(
    "section",
    { class: "details-part" },
    h("h3", null, "About the image"),
    h(
      "dl",
      null,
      lines
        .filter(([, value]) => value && !(Array.isArray(value) && value.length === 0))
        .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
    ),
    h(
      "p",
      null,
      image.picture &&
        h("a", { href: image.picture, target: "_blank", rel: "noopener" }, "picture"),
      image.picture && " · ",
      h(
        "a",
        {
          href: datasetPath(dataset, "images", image.image_id, "annotations"),
          target: "_blank",
          rel: "noopener",
        },
        "rows as JSON",
      ),
    ),
  );
}
