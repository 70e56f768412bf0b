/** A dataset in the list: pictures, counts, health. Its parts are asked for when it is seen. */
import { addressOf } from "../../lib/address.js";
import { datasetPath, read } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { when } from "../../lib/format.js";
import { notifyProblem } from "../../parts/dialog.js";
import { thumbnail } from "../../parts/thumbnail.js";
import { deleteDataset, isGone } from "../dataset/actions.js";
import { healthWords } from "../dataset/health.js";
import { countsList } from "../dataset/parts.js";

/** @typedef {import("../../lib/api.js").Schemas} Schemas */

const PICTURES = 6;

/**
 * @param {Schemas["DatasetSummary"]} dataset
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {() => void} options.ongone  it was deleted
 */
export function datasetCard(dataset, { signal, ongone }) {
  const { name, splits } = dataset;
  const strip = h("a", {
    class: "strip",
    href: addressOf("images", name),
    "aria-label": `Images of ${name}`,
  });
  const health = h("a", { class: "health-line", href: addressOf("dataset", name) }, " ");
  fill(
    strip,
    Array.from({ length: PICTURES }, () => h("span", { class: "thumbnail blank is-loading" })),
  );
  const remove = async () => {
    try {
      if (await deleteDataset(name)) ongone();
    } catch (error) {
      notifyProblem(error);
      if (isGone(error)) ongone();
    }
  };
  const element = h(
    "article",
    { class: "card dataset-card", "aria-label": name },
    strip,
    h(
      "div",
      { class: "card-head" },
      h("h2", null, h("a", { href: addressOf("dataset", name) }, name)),
      splits.map((split) => h("span", { class: "chip" }, split)),
    ),
    countsList(dataset),
    health,
    h(
      "div",
      { class: "card-foot" },
      h("small", null, when(dataset.imported_at)),
      h(
        "a",
        { class: "button", href: addressOf("import", null, { dataset: name }) },
        "Import",
        h("span", { class: "unseen" }, ` results for ${name}`),
      ),
      h("button", { onclick: remove }, "Delete", h("span", { class: "unseen" }, ` ${name}`)),
    ),
  );

  async function showPictures() {
    /** @type {Schemas["Images"]} */
    const { images } = await read(datasetPath(name, "images"), { limit: PICTURES }, signal);
    const blanks = Math.max(0, PICTURES - images.length);
    fill(
      strip,
      images.map((image) => thumbnail(image, signal)),
      Array.from({ length: blanks }, () => h("span", { class: "thumbnail none" })),
    );
  }

  async function showHealth() {
    /** @type {Schemas["Health"]} */
    const report = await read(datasetPath(name, "health"), {}, signal);
    const { words, kind } = healthWords(report);
    fill(health, words);
    health.classList.add(kind);
  }

  const load = async () => {
    // One after the other: the strip is what people look at.
    await showPictures().catch(() => fill(strip));
    await showHealth().catch(() => fill(health, "health unknown"));
  };
  return { element, load };
}
