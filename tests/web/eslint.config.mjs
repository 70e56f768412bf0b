/* Rules for the web page. Types are checked by tsc; these find what types do not. */
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser }, ecmaVersion: 2023, sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", { max: 400 }],
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({
          property,
          message: "Text from files must not become markup: use h() of lib/dom.js.",
        })),
        { object: "document", property: "write", message: "Use h() of lib/dom.js." },
      ],
    },
  },
];
