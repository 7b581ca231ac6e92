// @ts-check

import { find, make } from "../core/dom.js";
import { PICTURE_BITS, wholeBits } from "../core/grid.js";
import { anyChanged } from "../core/store.js";
import { sections } from "../texts/sections.js";
import { BLACK_MSE } from "../core/usage.js";

/** @typedef {import("../core/types.d.ts").ModelSummary} ModelSummary */

/** @type {{ key: keyof typeof sections.columns, show: (model: ModelSummary) => string, wide?: boolean }[]} */
const COLUMNS = [
  { key: "grid", show: (model) => ofLevels(model, ({ grid }) => sections.grid(grid)) },
  { key: "codes", show: ({ num_embeddings: K, embedding_dim: D }) => sections.codebook(K, D) },
  { key: "error", show: ({ metrics }) => metrics.test_mse.toFixed(4) },
  { key: "used", show: (model) => sections.used(ofLevels(model, ({ codes_used }) => String(codes_used)), model.num_embeddings) },
  { key: "perplexity", show: (model) => ofLevels(model, ({ perplexity }) => perplexity.toFixed(1)) },
  { key: "bits", show: ({ metrics }) => String(wholeBits(metrics.bits_per_image)) },
  { key: "compression", show: ({ metrics }) => sections.compression(PICTURE_BITS / wholeBits(metrics.bits_per_image)) },
  { key: "parameters", show: ({ metrics }) => sections.parameters(metrics.parameters) },
  { key: "claim", show: ({ claim }) => claim || sections.noClaim, wide: true },
  { key: "found", show: found, wide: true },
];

/** @param {ModelSummary} model */
const levelsOf = ({ grid, metrics, other_levels = {} }) => [...Object.values(other_levels), { ...metrics, grid }];

/**
 * @param {ModelSummary} model
 * @param {(level: ReturnType<typeof levelsOf>[0]) => string} show
 */
const ofLevels = (model, show) => levelsOf(model).map(show).join(", ");

/**
 * The outcome in a sentence made of measured figures, which is true whatever the outcome. It is about the level that uses its codes least.
 * @param {ModelSummary} model
 * @returns {string}
 */
export function found(model) {
  const [{ codes_used: used, perplexity }] = levelsOf(model).sort((a, b) => a.perplexity - b.perplexity);
  return sections.found(used, model.num_embeddings, perplexity, (100 * model.metrics.test_mse) / BLACK_MSE);
}

/**
 * The table of all models: what was measured, and what its reference reports. A click on a row chooses its model.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {(name: string) => void} choose
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, choose) {
  const table = find(element, "table", HTMLTableElement);
  const body = find(table, "tbody", HTMLTableSectionElement);
  const head = find(table, "thead tr", HTMLTableRowElement);
  /** @type {{ name: string, row: HTMLElement, button: HTMLButtonElement }[]} */
  let rows = [];

  head.replaceChildren(...([/** @type {const} */ ("name"), ...COLUMNS.map(({ key }) => key)]).map((key) => {
    const cell = make("th", "", sections.columns[key]);
    cell.scope = "col";
    return cell;
  }));

  function list() {
    rows = store.get("models").map((model) => {
      const button = make("button", "compare-choose", model.title);
      button.type = "button";
      const name = make("th", "", button, make("span", "compare-says", model.description), make("span", "compare-reference", model.reference));
      name.scope = "row";
      const cells = COLUMNS.map(({ key, show, wide }) => {
        const cell = make("td", wide ? "is-wide" : "", show(model));
        cell.dataset.title = sections.columns[key];
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
      const chosen = name === store.get("shownModel");
      row.classList.toggle("is-chosen", chosen);
      button.setAttribute("aria-pressed", String(chosen));
    }
  }

  body.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    if (row?.dataset.model) choose(row.dataset.model);
  });

  return {
    update(changed) {
      if (changed.has("models")) list();
      if (anyChanged(changed, ["models", "shownModel"])) mark();
    },
  };
}
