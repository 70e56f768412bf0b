/* What nginx serves as /web/vendor/chart.js/chart.mjs. */
export * from "chart.js";
