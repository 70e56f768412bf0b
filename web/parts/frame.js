/** What is around every view: the bar with datasets and tabs, light and dark, help for keys. */
import { addressOf, DATASET_VIEWS, listIn } from "../lib/address.js";
import { read } from "../lib/api.js";
import { cls, fill, h, showFocused } from "../lib/dom.js";
import { go } from "../lib/router.js";
import { keep } from "../lib/storage.js";
import { allUploads, isOver, watch } from "../lib/uploads.js";
import { closeDialogs } from "./dialog.js";
import { showKeys } from "./keys.js";
import { problemBox } from "./states.js";

/** @type {Record<string, string>} */
const TABS = {
  images: "Images",
  statistics: "Statistics",
  evaluation: "Evaluation",
  comparison: "Comparison",
  leaderboard: "Leaderboard",
};

/** What stays in the address from one tab to the next. */
const KEPT = ["run", "with", "split", "slice", "sigmas"];

/**
 * @param {import("../lib/address.js").ViewName} view
 * @param {string} dataset
 */
function tabAddress(view, dataset) {
  const query = new URLSearchParams(location.search);
  const kept = new URLSearchParams();
  for (const name of KEPT) {
    const value = query.get(name);
    if (value) kept.set(name, value);
  }
  const runs = listIn(kept, "run");
  if (view === "images" && kept.get("with")) runs.push(String(kept.get("with")));
  if (view === "comparison" && runs.length > 1) kept.set("with", runs[1]);
  if (view !== "images" && runs.length) kept.set("run", runs[0]);
  else if (runs.length) kept.set("run", runs.join(","));
  if (view !== "comparison") kept.delete("with");
  return addressOf(view, dataset, kept);
}

/** @param {import("../lib/address.js").Place} place */
function tabs(place) {
  const { dataset } = place;
  if (!dataset) return null;
  const link = (/** @type {import("../lib/address.js").ViewName} */ view) =>
    h(
      "a",
      { "aria-current": view === place.view ? "page" : null }, // refresh() says where it leads
      TABS[view],
    );
  return h(
    "nav",
    { class: "tabs", "aria-label": "Views of the dataset", onfocusin: showFocused },
    h(
      "a",
      {
        href: addressOf("dataset", dataset),
        class: "tab-dataset",
        "aria-current": place.view === "dataset" ? "page" : null,
      },
      dataset,
    ),
    DATASET_VIEWS.map(link),
  );
}

/**
 * The names of datasets, for the box that leads to another one: the first page of them, and this.
 * @param {HTMLSelectElement} box
 * @param {string | null} now
 */
async function fillSwitch(box, now) {
  /** @type {import("../lib/api.js").Schemas["Datasets"]} */
  const list = await read("/datasets");
  const names = list.datasets.map((dataset) => dataset.name);
  if (now && !names.includes(now)) names.unshift(now);
  fill(
    box,
    h("option", { value: "" }, now ? "all datasets" : "choose a dataset"),
    names.map((name) => h("option", { value: name, selected: name === now }, name)),
    list.next && h("option", { value: "" }, "more …"),
  );
}

function toggleTheme() {
  const root = document.documentElement;
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = root.dataset.theme ?? (isDark ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  keep("localStorage", "theme", root.dataset.theme);
  dispatchEvent(new Event("themechange"));
}

/**
 * @param {HTMLElement} body
 * @returns {import("../lib/router.js").Frame}
 */
export function makeFrame(body) {
  let place = /** @type {import("../lib/address.js").Place | null} */ (null);
  // The same view of another dataset; from a view without one, its images.
  const viewOfOther = () => (place?.dataset ? place.view : "images");
  const box = h("select", {
    "aria-label": "Dataset",
    onchange: () => go(box.value ? addressOf(viewOfOther(), box.value) : addressOf("datasets")),
  });
  const bar = h("div", { class: "bar-tabs" });
  const importLink = h("a", { class: "button", href: addressOf("import") }, "Import");
  watch(() => {
    const running = allUploads().filter((upload) => !isOver(upload)).length;
    importLink.textContent = running ? `Import (${running})` : "Import";
  });
  const header = h(
    "header",
    { class: "bar" },
    h("a", { class: "skip", href: "#main" }, "Skip to the content"),
    h(
      "a",
      { class: "logo", href: "/web/", "aria-label": "pgcoco: all datasets" },
      h("img", { src: "/web/icon.svg", alt: "" }),
      h("span", { class: "logo-name" }, "pgcoco"),
    ),
    box,
    bar,
    h(
      "div",
      { class: "bar-end" },
      importLink,
      h("a", { href: "/reference", class: "quiet" }, "API"),
      h(
        "button",
        {
          class: "icon",
          "aria-label": "Light or dark",
          title: "Light or dark",
          onclick: toggleTheme,
        },
        "◐",
      ),
      h(
        "button",
        { class: "icon", "aria-label": "Keys", title: "Keys (?)", onclick: showKeys },
        "?",
      ),
    ),
  );
  const main = h("main", { id: "main", tabindex: -1 });
  body.append(header, main, h("div", { class: "toasts", role: "status", "aria-live": "polite" }));

  const refresh = () => {
    if (!place) return;
    const { dataset } = place;
    const views = bar.querySelectorAll("a:not(.tab-dataset)");
    if (dataset) {
      DATASET_VIEWS.forEach((view, i) => views[i].setAttribute("href", tabAddress(view, dataset)));
    }
    importLink.href = addressOf("import", null, dataset ? { dataset } : {});
  };
  return {
    enter(next) {
      // A dialog is about the place where it was opened.
      if (place?.view !== next.view || place.dataset !== next.dataset) closeDialogs();
      place = next;
      fill(bar, tabs(place));
      // On a telephone they are wider than the window.
      bar.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
      refresh();
      fillSwitch(box, next.dataset).catch(() => fill(box, h("option", null, "datasets")));
      const root = h("div", { class: cls("view", `view-${next.view}`) });
      fill(main, root);
      scrollTo(0, 0);
      return root;
    },
    fail: (root, error) => {
      const title = place?.dataset ?? "pgcoco";
      fill(root, h("h1", { class: "unseen" }, title), problemBox(error));
    },
    refresh,
  };
}
