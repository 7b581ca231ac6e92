// @ts-check

import { createChip } from "../core/chip.js";
import { GREYS, inked, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { counted, figure, percent } from "../core/format.js";
import { focus } from "../core/selection.js";
import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").Trace} Trace */
/** @typedef {import("../core/selection.js").Focus} Focus */

/** Codes in the ranking: enough to see how clear the choice was. */
const RANKED = 5;

/**
 * The selection in numbers: the feature, its code and what they differ by, channel for channel, and the ranking of
 * the codes.
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
  /** @type {{ row: HTMLTableRowElement, head: HTMLElement, cells: HTMLElement[] }[]} */
  let rows = [];

  /** @param {Model} model */
  function build(model) {
    const channels = model.embeddings[0].map((_, d) => d);
    const corner = make("th", "", "channel");
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
   * @param {string} [sum]
   */
  function fill(which, label, values, paint, sum = "") {
    const { row, head, cells } = rows[which];
    hide(row, !label.length);
    if (row.hidden) return;
    head.replaceChildren(...label);
    for (let d = 0; d < values.length; d++) {
      const [background, ink] = paint(values[d]);
      setText(cells[d], figure(values[d]));
      cells[d].style.backgroundColor = background;
      cells[d].style.color = ink;
    }
    setText(cells[values.length], sum);
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function fillTable(model, focused) {
    const feature = vectorOf(store.get("trace"), focused);
    const embedding = model.embeddings[focused.code];
    /** @type {(ramp: Uint32Array) => (value: number) => [string, string]} */
    const scaled = (ramp) => (value) => inked(ramp, shade(value, model.scale));
    fill(0, feature ? ["feature"] : [], feature ?? [], scaled(GREYS));
    fill(1, [createChip(model, focused.code)], embedding, scaled(model.palette.ramps[focused.code]));
    const squares = Array.from(feature ?? [], (value, d) => (value - embedding[d]) ** 2);
    const most = Math.max(...squares, 1e-9);
    const sum = squares.reduce((total, value) => total + value, 0);
    fill(2, feature ? ["difference²"] : [], squares, (value) => inked(GREYS, shade(value, { low: 0, high: most })), `Σ ${figure(sum)}`);
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function rank(model, focused) {
    const order = model.embeddings.map((_, code) => code).sort((a, b) => focused.distance(a) - focused.distance(b));
    const shown = order.slice(0, RANKED);
    const most = focused.distance(shown[shown.length - 1]) || 1;
    ranking.replaceChildren(...shown.map((code) => {
      const bar = make("span", "bar");
      bar.style.setProperty("--share", String(focused.distance(code) / most));
      bar.style.setProperty("--code", model.palette.fill[code]);
      return make("li", "", createChip(model, code), bar, make("span", "bar-figure", figure(focused.distance(code))));
    }));
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function explain(model, focused) {
    const { cell, code, chosen, runnerUp } = focused;
    const total = model.stages.feature_vectors[0];
    if (cell) {
      const near = focused.distance(code);
      const far = focused.distance(runnerUp);
      title.replaceChildren(`Cell (${cell.join(", ")}) → `, createChip(model, code));
      text.textContent = code === chosen
        ? `Of all codes, ${code} has the smallest squared distance: ${figure(near)}. ` +
          (runnerUp < 0 ? "" : `Runner-up ${runnerUp} is at ${figure(far)}.`)
        : `You put code ${code} here, at squared distance ${figure(near)}. The model’s own choice, ${chosen}, is at ` +
          `${figure(focused.distance(chosen))}.`;
    } else {
      const usage = model.metrics.code_usage?.[code];
      title.replaceChildren(createChip(model, code), " in the codebook");
      const users = focused.users.size;
      text.textContent = (total === 1
        ? `This drawing ${users ? "gets it" : "gets another"}`
        : `${users} of this drawing's ${counted(total, "cell")} ${users === 1 ? "uses" : "use"} it`) +
        (usage === undefined ? "." : `; over the test digits, ${percent(usage)} of all ${total === 1 ? "drawings" : "cells"} do.`) +
        " Its numbers are the same wherever it is used.";
    }
  }

  function rest() {
    setText(title, "Point at any cell or code");
    setText(text, "to follow one vector through the model. Click or tap to pin it; Escape lets go.");
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (anyChanged(changed, ["model"])) build(model);
      // Details show more than this, in its place.
      if (store.get("details") || !anyChanged(changed, ["model", "trace", "edited", "selection", "pinned", "details"])) return;
      const focused = focus(store);
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
    destroy() {
      table.replaceChildren();
      ranking.replaceChildren();
    },
  };
}

/**
 * @param {Trace | null} trace
 * @param {Focus} focused
 * @returns {Float32Array | null} the selected cell's feature
 */
function vectorOf(trace, focused) {
  if (!focused.cell || !trace?.features) return null;
  const depth = trace.features.shape[2];
  return trace.features.data.subarray(focused.row * depth, (focused.row + 1) * depth);
}
