// @ts-check

import { find, make } from "../core/dom.js";
import { counted } from "../core/format.js";
import { modelShown } from "../drawing/share.js";
import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").ModelSummary} ModelSummary */

/** Mean squared error of black pictures on the MNIST test digits, ink in [0, 1]: their mean square. */
export const BLACK_MSE = 0.11396;

/** @type {{ title: string, text: (model: ModelSummary) => string, wide?: boolean }[]} */
const COLUMNS = [
  { title: "Grid", text: ({ grid }) => grid ? grid.join("×") : "–" },
  { title: "Codes × numbers", text: ({ num_embeddings: K, embedding_dim: D }) => `${K ?? "–"} × ${D ?? "–"}` },
  { title: "Test error", text: ({ metrics }) => metrics.test_mse.toFixed(4) },
  { title: "Codes used", text: ({ metrics, num_embeddings: K }) => `${metrics.codes_used} of ${K ?? "–"}` },
  { title: "Perplexity", text: ({ metrics }) => metrics.perplexity.toFixed(1) },
  { title: "Bits", text: ({ metrics }) => String(Math.ceil(metrics.bits_per_image - 1e-9)) },
  { title: "Compression", text: ({ metrics }) => `${metrics.compression_ratio.toFixed(1)}×` },
  { title: "Parameters", text: ({ metrics }) => metrics.parameters?.toLocaleString("en") ?? "–" },
  { title: "What the reference says", text: ({ claim }) => claim || "No outcome is claimed.", wide: true },
  { title: "What was measured here", text: found, wide: true },
];

/**
 * The outcome in a sentence that is made of measured figures, and so is true whichever way it came out.
 * @param {ModelSummary} model
 * @returns {string}
 */
export function found({ metrics, num_embeddings: size }) {
  const { codes_used: used, perplexity, test_mse: error } = metrics;
  const whole = size ?? used;
  const uses = used === whole
    ? `All ${counted(whole, "code")} are used`
    : `${used} of ${counted(whole, "code")} (${Math.round((100 * used) / whole)}%) ${used === 1 ? "is" : "are"} used`;
  const share = (100 * error) / BLACK_MSE;
  return `${uses}, in effect as many as ${perplexity.toFixed(1)} evenly used ones. The error is ` +
    `${share < 10 ? share.toFixed(1) : Math.round(share)}% of a black picture’s.`;
}

/**
 * All models with what was measured of each, and what its reference says. A row chooses its model.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {(name: string) => void} choose
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, choose) {
  const table = find(element, "table", HTMLTableElement);
  const body = find(table, "tbody", HTMLTableSectionElement);
  const head = find(table, "thead tr", HTMLTableRowElement);
  const listening = new AbortController();
  /** @type {{ name: string, row: HTMLElement, button: HTMLButtonElement }[]} */
  let rows = [];

  head.replaceChildren(...["Model", ...COLUMNS.map(({ title }) => title)].map((title) => {
    const cell = make("th", "", title);
    cell.scope = "col";
    return cell;
  }));

  function list() {
    rows = store.get("models").map((model) => {
      const button = make("button", "zoo-choose", model.title);
      button.type = "button";
      const name = make("th", "", button, make("span", "zoo-says", model.description));
      if (model.reference) name.append(make("span", "zoo-reference", model.reference));
      name.scope = "row";
      const cells = COLUMNS.map(({ title, text, wide }) => {
        const cell = make("td", wide ? "is-wide" : "", text(model));
        cell.dataset.title = title;
        return cell;
      });
      const row = make("tr", "", name, ...cells);
      row.dataset.model = model.name;
      return { name: model.name, row, button };
    });
    body.replaceChildren(...rows.map(({ row }) => row));
  }

  function mark() {
    for (const { name, row, button } of rows) {
      const chosen = name === modelShown(store);
      row.classList.toggle("is-chosen", chosen);
      button.setAttribute("aria-pressed", String(chosen));
    }
  }

  body.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    if (row?.dataset.model) choose(row.dataset.model);
  }, { signal: listening.signal });

  return {
    update(changed) {
      if (anyChanged(changed, ["models"])) list();
      if (anyChanged(changed, ["models", "model", "modelName"])) mark();
    },
    destroy: () => listening.abort(),
  };
}
