// @ts-check

import { createChip } from "../core/chip.js";
import { GREYS, cellColors, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { addUp, decimalsFor, formatNumber, shortValue, withoutZero } from "../core/format.js";
import { cellCount } from "../core/grid.js";
import { hover } from "../core/selection.js";
import { anyChanged } from "../core/store.js";
import { vectorAt } from "../core/tensor.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/selection.js").Focus} Focus */

/** Number of codes in the ranking. */
const RANKED = 5;

/**
 * The selection in numbers: the feature, its code and their difference, channel by channel, and the nearest codes.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const title = find(element, ".inspector-title");
  const text = find(element, ".inspector-text");
  const table = find(element, "table", HTMLTableElement);
  const ranking = find(element, "ol");
  const unpin = find(element, "[data-action=unpin]");
  find(element, ".vectors").addEventListener("focusout", () => hover(store, null));
  /** @type {{ row: HTMLTableRowElement, head: HTMLElement, cells: HTMLElement[] }[]} */
  let rows = [];

  /** @param {Model} model */
  function build(model) {
    const channels = model.embeddings[0].map((_, d) => d);
    const corner = make("th", "", texts.figure.rows.channel);
    corner.scope = "row";
    const head = make("tr", "", corner, ...channels.map((d) => {
      const cell = make("th", "", String(d));
      cell.scope = "col";
      return cell;
    }), make("td"));
    rows = ["feature", "code", "difference"].map((name) => {
      const label = make("th");
      label.scope = "row";
      const cells = [...channels.map(() => make("td")), make("td", "sum")];
      const row = make("tr", "", label, ...cells);
      row.dataset.row = name;
      return { row, head: label, cells };
    });
    table.replaceChildren(make("thead", "", head), make("tbody", "", ...rows.map(({ row }) => row)));
  }

  /**
   * @param {number} which
   * @param {(string | Node)[]} label empty hides the row
   * @param {ArrayLike<number>} values
   * @param {(value: number) => [background: string, ink: string]} paint
   * @param {{ terms: string[], total: string }} [sum] the values and their sum as printed
   */
  function fill(which, label, values, paint, sum) {
    const { row, head, cells } = rows[which];
    hide(row, !label.length);
    if (row.hidden) return;
    head.replaceChildren(...label);
    for (let d = 0; d < values.length; d++) {
      const [background, ink] = paint(values[d]);
      setText(cells[d], sum ? withoutZero(sum.terms[d]) : shortValue(values[d]));
      cells[d].style.backgroundColor = background;
      cells[d].style.color = ink;
    }
    setText(cells[values.length], sum ? texts.figure.rowSum(sum.total) : "");
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function fillTable(model, focused) {
    const features = store.get("trace")?.features;
    const feature = focused.cell && features ? vectorAt(features, focused.row) : null;
    const embedding = model.embeddings[focused.code];
    /** @type {(ramp: Uint32Array) => (value: number) => [string, string]} */
    const scaled = (ramp) => (value) => cellColors(ramp, shade(value, model.scale));
    fill(0, feature ? [texts.figure.rows.feature] : [], feature ?? [], scaled(GREYS));
    fill(1, [createChip(model, focused.code)], embedding, scaled(model.palette.ramps[focused.code]));
    const squares = Array.from(feature ?? [], (value, d) => (value - embedding[d]) ** 2);
    const most = Math.max(...squares, 1e-9);
    const decimals = decimalsFor(most);
    const sum = addUp(squares, squares.reduce((total, value) => total + value, 0), { least: decimals, most: decimals });
    fill(2, feature ? [texts.figure.rows.difference] : [], squares, (value) => cellColors(GREYS, shade(value, { low: 0, high: most })), sum);
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function rank(model, focused) {
    if (!focused.measured) {
      ranking.replaceChildren(make("li", "loading", texts.figure.distancesLoading));
      return;
    }
    const order = model.embeddings.map((_, code) => code).sort((a, b) => focused.distance(a) - focused.distance(b));
    const shown = order.slice(0, RANKED);
    const most = focused.distance(shown[shown.length - 1]) || 1;
    ranking.replaceChildren(...shown.map((code) => {
      const bar = make("span", "bar");
      bar.style.setProperty("--share", String(focused.distance(code) / most));
      bar.style.setProperty("--code", model.palette.fill[code]);
      return make("li", "", createChip(model, code), bar, make("span", "bar-figure", formatNumber(focused.distance(code))));
    }));
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function explain(model, focused) {
    const { cell, code, chosen, runnerUp, runs } = focused;
    const total = cellCount(model.grid);
    const chip = createChip(model, code);
    if (cell) {
      title.replaceChildren(...texts.figure.cellTitle({ ...focused, cell }, chip));
      const distance = focused.measured ? focused.distance(code) : null;
      const said = code === chosen
        ? texts.figure.nearest(code, distance, runnerUp, focused.distance(runnerUp ?? code))
        : texts.figure.replaced(code, distance, chosen, focused.distance(chosen));
      text.textContent = runs ? texts.figure.mixedContent(runs, said) : said;
    } else {
      title.replaceChildren(...texts.figure.codeTitle(chip));
      text.textContent = texts.figure.usage(focused.users.size, total, model.metrics.code_usage[code]);
    }
  }

  function rest() {
    setText(title, texts.page["figure.inspector.title"]);
    setText(text, texts.page["figure.inspector.hint"]);
  }

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) build(model);
      // The details view shows more, in place of this.
      if (store.get("details") || !anyChanged(changed, ["model", "trace", "focus", "pinned", "details"])) return;
      const focused = store.get("focus");
      element.classList.toggle("is-empty", !focused);
      element.classList.toggle("has-cell", Boolean(focused?.cell));
      hide(unpin, !store.get("pinned"));
      if (!focused) {
        rest();
        return;
      }
      explain(model, focused);
      fillTable(model, focused);
      if (focused.cell) rank(model, focused);
    },
  };
}
