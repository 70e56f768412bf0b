/** All runs of a dataset by a number of their evaluations; two of them lead to a comparison. */
import { intervals } from "../charts/interval.js";
import { addressOf, queryText } from "../lib/address.js";
import { datasetPath, isAbort, read } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { difference, metric as shown, tickDigits, when } from "../lib/format.js";
import { KINDS, kindParameter, kindsOf } from "../lib/kinds.js";
import { metricPhrase, metricsOf } from "../lib/metrics.js";
import { hasSigmas, overlapQuery } from "../lib/sigmas.js";
import { choice, toggle } from "../parts/controls.js";
import { copyBox, curlLine, sqlText } from "../parts/copy.js";
import { sigmasField, sigmasWanted } from "../parts/sigmas.js";
import { empty, loading, problemBox } from "../parts/states.js";
import { evaluator } from "./leaderboard/evaluate.js";
import { pairBar } from "./leaderboard/pair.js";
import { runsTable } from "./leaderboard/runs.js";
import { canHaveInterval, pairOf, stateOf } from "./leaderboard/state.js";

/**
 * @typedef {import("../lib/api.js").Schemas} Schemas
 * @typedef {import("../lib/router.js").Page} Page
 * @typedef {import("./leaderboard/state.js").State} State
 * @typedef {import("./leaderboard/state.js").Run} Run
 */

/** Runs in the chart. */
const CHARTED = 25;
/** Longer names do not fit on a button. */
const SHORT = 24;

/** @param {Page} page */
export async function show(page) {
  page.title("Leaderboard");
  fill(page.root, h("h1", null, "Leaderboard"), loading("24rem"));
  const [dataset, { kinds, points }] = await Promise.all([
    /** @type {Promise<Schemas["Dataset"]>} */ (read(datasetPath(page.dataset), {}, page.signal)),
    kindsOf(page.dataset, page.signal),
  ]);
  let state = stateOf(page.place.query);
  let stop = new AbortController();
  let runs = /** @type {Run[]} */ ([]);
  let params = /** @type {Schemas["Params"]} */ (null);
  /** What draws the runs that are ticked. */
  let pairDrawers = /** @type {(() => void)[]} */ ([]);
  page.signal.addEventListener("abort", () => stop.abort());

  const kind = toggle({
    label: "What overlaps",
    value: state.kind,
    options: KINDS.filter(({ value }) => kinds.includes(value) || value === state.kind),
    onchange: (value) => page.set({ iou_type: kindParameter(value), metric: null }),
  });
  const metric = choice({
    label: "By",
    value: state.metric,
    options: [],
    onchange: (value) => page.set({ metric: value === "AP" ? null : value }),
  });
  const onsigmas = (/** @type {string} */ value) => page.set({ sigmas: value });
  const field = sigmasField({ kind: state.kind, sigmas: "", points, onchange: onsigmas });
  const words = h("p", { class: "soft" });
  const place = h("div", { class: "board" });
  fill(
    page.root,
    h(
      "div",
      { class: "head" },
      h("h1", null, "Leaderboard"),
      (kinds.length > 1 || state.kind !== "bbox") && kind.element,
      metric.element,
      field.element,
    ),
    words,
    place,
    copyBox(() => lines(page.dataset, state)),
  );

  /** The sigmas that were chosen, or else those of the numbers that there are. */
  function sigmasOf() {
    if (!hasSigmas(state.kind, "", points)) return "";
    return state.sigmas || (params?.sigmas?.join(",") ?? "");
  }

  function drawControls() {
    kind.set(state.kind);
    const names = metricsOf(state.kind);
    fill(
      metric.select,
      (names.includes(state.metric) ? names : [...names, state.metric]).map((name) =>
        h("option", { value: name }, name),
      ),
    );
    metric.select.value = state.metric;
    fill(
      words,
      `${state.metric}: ${metricPhrase(state.metric)}; 1 is perfect. Measured against the ground ` +
        `truth of ${page.dataset}, imported `,
      h("time", { datetime: dataset.imported_at ?? "" }, when(dataset.imported_at)),
      ".",
    );
  }

  async function load() {
    stop.abort();
    const { signal } = (stop = new AbortController());
    place.setAttribute("aria-busy", "true");
    if (!place.hasChildNodes()) fill(place, loading("24rem"));
    drawControls();
    try {
      /** @type {Schemas["Leaderboard"]} */
      const board = await read(
        datasetPath(page.dataset, "leaderboard"),
        { iou_type: state.kind, metric: state.metric },
        signal,
      );
      runs = board.runs;
      params = board.params;
      draw(board.next ?? null, signal);
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) fill(place, problemBox(error));
    } finally {
      if (!signal.aborted) place.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {string} next
   * @param {AbortSignal} signal
   */
  async function more(next, signal) {
    /** @type {Schemas["Leaderboard"]} */
    const board = await read(next, {}, signal);
    runs = [...runs, ...board.runs];
    if (!signal.aborted) draw(board.next ?? null, signal);
  }

  /**
   * @param {string | null} next
   * @param {AbortSignal} signal
   */
  function draw(next, signal) {
    if (runs.length === 0) {
      const link = h("a", { href: addressOf("import", null, { dataset: page.dataset }) }, "Import");
      fill(place, empty("There is no run yet", link, " the results of a detector."));
      return;
    }
    const measured = { ...state, sigmas: sigmasOf() };
    field.set(state.kind, measured.sigmas);
    const { kind: iou_type, sigmas } = measured;
    const lack = sigmasWanted({ kind: iou_type, sigmas, points, onchange: onsigmas });
    const evaluations = evaluator(page, measured, params, !lack, signal, () => void load());
    pairDrawers = [];
    const onpair = (/** @type {() => void} */ draw) => void pairDrawers.push(draw);
    const pair = pairBar(page, measured, onpair);
    const moreButton = h(
      "button",
      {
        onclick: () => {
          moreButton.disabled = true;
          more(String(next), signal).catch((error) => fill(place, problemBox(error)));
        },
      },
      "Show more runs",
    );
    fill(
      place,
      lack,
      teaser(page.dataset, measured, runs),
      evaluations.bar(runs),
      h(
        "section",
        { class: "card board-runs" },
        runsTable({ page, state: measured, runs, evaluations, signal, onpair }),
        pair,
      ),
      next && h("p", null, moreButton),
      chartCard(page.dataset, measured, runs),
    );
  }

  await load();
  return (/** @type {URLSearchParams} */ query) => {
    const before = state;
    state = stateOf(query);
    const keyOf = (/** @type {State} */ one) => JSON.stringify(one);
    if (keyOf(before) !== keyOf(state)) void load();
    else for (const draw of pairDrawers) draw();
  };
}

/**
 * The question that a leaderboard raises: is the first one really better than the second?
 * @param {string} dataset
 * @param {State} state
 * @param {Run[]} runs
 */
function teaser(dataset, state, runs) {
  const [first, second] = runs.filter((run) => run.value !== null && run.value >= 0);
  if (!first || !second) return null;
  const lead = Number(first.value) - Number(second.value);
  return h(
    "section",
    { class: "card board-teaser", "aria-label": "First and second" },
    h(
      "p",
      null,
      h("strong", null, first.run_name),
      lead > 0
        ? ` is first, ${difference(lead).slice(1)} of ${state.metric} ahead of `
        : " is as good as ",
      h("strong", null, second.run_name),
      ". Chance, or really better?",
    ),
    h(
      "a",
      {
        class: "button primary",
        href: addressOf("comparison", dataset, {
          run: second.run_name,
          with: first.run_name,
          ...overlapQuery(state),
        }),
      },
      `Is ${first.run_name.length > SHORT ? "it" : first.run_name} really better?`,
    ),
  );
}

/**
 * @param {string} dataset
 * @param {State} state
 * @param {Run[]} runs
 */
function chartCard(dataset, state, runs) {
  const measured = runs.filter((run) => run.value !== null && run.value >= 0).slice(0, CHARTED);
  if (!measured.length) return null;
  const digits = tickDigits(
    measured.flatMap((run) => [run.value, run.interval?.low, run.interval?.high]),
  );
  const chart = intervals(
    {
      caption: `${state.metric} of runs${canHaveInterval(state) ? ", with intervals" : ""}`,
      rowTitle: "run",
      axis: state.metric,
      format: (value) => shown(value),
      tickFormat: (value) => shown(Math.max(0, value), digits),
    },
    {
      rows: measured.map((run) => ({
        label: run.run_name,
        value: run.value,
        low: canHaveInterval(state) ? run.interval?.low : null,
        high: canHaveInterval(state) ? run.interval?.high : null,
        href: addressOf("evaluation", dataset, {
          run: run.run_name,
          ...overlapQuery(state),
        }),
      })),
    },
  );
  return h(
    "section",
    { class: "card" },
    h("h2", null, canHaveInterval(state) ? "AP with its 95\u2009% interval" : state.metric),
    canHaveInterval(state) &&
      h(
        "p",
        { class: "soft" },
        "The interval of one run says how much its AP depends on the images. Whether two runs " +
          "differ is told by comparing them on the same images, even where their intervals " +
          "overlap.",
      ),
    chart.element,
  );
}

/**
 * @param {string} dataset
 * @param {State} state
 */
function lines(dataset, state) {
  const query = new URLSearchParams({ iou_type: state.kind, metric: state.metric });
  const pair = pairOf(new URLSearchParams(location.search));
  const made = [
    {
      title: "The leaderboard",
      text: curlLine(`${datasetPath(dataset, "leaderboard")}?${query}`),
    },
    {
      title: "Its numbers in the database",
      text: [
        "select r ->> 'run_name' as run, (r ->> 'value')::float8 as value",
        "from json_array_elements(coco.leaderboard_document(" +
          [dataset, state.kind, state.metric].map(sqlText).join(", ") +
          ") -> 'runs') r;",
      ].join("\n"),
    },
  ];
  if (pair.length === 2) {
    const both = queryText({ run: pair[0], with: pair[1], ...overlapQuery(state) });
    made.push({
      title: `${pair[0]} against ${pair[1]}`,
      text: curlLine(`${datasetPath(dataset, "comparison")}${both}`),
    });
  }
  return made;
}
