// @ts-check

import { ranking, terms } from "./distance.js";
import { createChip } from "../core/chip.js";
import { GREYS, cellColors, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { addUp, decimalsFor, toDecimals, withoutZero } from "../core/format.js";
import { hover } from "../core/selection.js";
import { vectorAt } from "../core/tensor.js";
import { anyChanged } from "../core/store.js";
import { quantizer } from "../texts/quantizer.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/selection.js").Focus} Focus */

/** Decimals of the sums: enough to show that both formulas give the same number, few enough for one line. */
const DECIMALS = { least: 4, most: 5 };
/** ‖f‖² + ‖e‖² − 2 f·e */
const WEIGHTS = [1, 1, -2];

/**
 * The arithmetic of one distance: the terms of the quantizer's formula, the direct sum of squares, the two vectors with
 * their difference, and the rank of the code.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const title = find(element, ".arithmetic-title");
  const hint = find(element, ".arithmetic-hint");
  const body = find(element, ".arithmetic-body");
  const table = find(element, "table", HTMLTableElement);
  const ranks = find(element, ".ranks");
  const unpin = find(element, "[data-action=unpin]");
  find(element, ".pair").addEventListener("focusout", () => hover(store, null));
  const values = new Map(
    ["f2", "e2", "fe", "expansion", "direct", "streamed"].map((name) => [name, find(body, `[data-value=${name}]`)]),
  );
  /** @type {{ row: HTMLElement, head: HTMLElement, cells: HTMLElement[] }[]} */
  let rows = [];

  /** @param {Model} model */
  function build(model) {
    const channels = model.embeddings[0].map((_, d) => d);
    rows = ["f", "e", "f − e", "(f − e)²"].map((name) => {
      const head = make("th", "", name);
      head.scope = "row";
      const cells = channels.map(() => make("td"));
      return { row: make("tr", "", head, ...cells), head, cells };
    });
    const caption = make("caption", "visually-hidden", quantizer.vectorTable);
    table.replaceChildren(caption, make("tbody", "", ...rows.map(({ row }) => row)));
  }

  /**
   * @param {number} which
   * @param {ArrayLike<number>} values
   * @param {{ low: number, high: number }} scale
   * @param {string[]} printed
   */
  function fill(which, values, scale, printed) {
    rows[which].cells.forEach((cell, d) => {
      setText(cell, printed[d]);
      const level = shade(values[d], scale);
      if (cell.dataset.level === String(level)) return;
      cell.dataset.level = String(level);
      [cell.style.backgroundColor, cell.style.color] = cellColors(GREYS, level);
    });
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   */
  function compute(model, focused) {
    const trace = store.get("trace");
    if (!trace?.features) return;
    const code = focused.compared;
    const f = vectorAt(trace.features, focused.row);
    const e = model.embeddings[code];
    const { f2, e2, fe, expansion, direct } = terms(f, e);
    const { terms: printed, total } = addUp([f2, e2, fe], expansion, { ...DECIMALS, weights: WEIGHTS });
    const streamed = focused.distance(code);
    write("f2", f2, printed[0]);
    write("e2", e2, printed[1]);
    write("fe", fe, printed[2]);
    write("expansion", expansion, total);
    write("streamed", streamed, focused.measured ? toDecimals(streamed, DECIMALS.least) : quantizer.loading);
    const name = make("code", "", `distances[${focused.row}, ${code}]`);
    const place = { ...focused, cell: focused.cell ?? [0, 0] };
    const distance = focused.measured ? streamed : null;
    title.replaceChildren(...quantizer.distanceTitle(name, distance, place, createChip(model, code)));
    rows[1].head.replaceChildren(...quantizer.embeddingRow(createChip(model, code, String(code))));
    const differences = e.map((value, d) => f[d] - value);
    const squares = differences.map((value) => value * value);
    const most = Math.max(...squares);
    const pair = pairTexts(f, e);
    fill(0, f, model.scale, pair.f);
    fill(1, e, model.scale, pair.e);
    fill(2, differences, model.scale, pair.difference);
    const least = decimalsFor(most);
    const parts = addUp(squares, direct, { least, most: least });
    fill(3, squares, { low: 0, high: most }, parts.terms.map(withoutZero));
    write("direct", direct, parts.total);
    hide(ranks, !focused.measured);
    if (focused.measured) rank(model, focused, code);
  }

  /**
   * @param {string} name
   * @param {number} exact
   * @param {string} text
   */
  function write(name, exact, text) {
    const place = /** @type {HTMLElement} */ (values.get(name));
    place.dataset.exact = String(exact);
    setText(place, text);
  }

  /**
   * @param {Model} model
   * @param {Focus} focused
   * @param {number} code
   */
  function rank(model, focused, code) {
    const distances = model.embeddings.map((_, other) => focused.distance(other));
    const order = ranking(distances);
    const [nearest, second] = order;
    const place = order.indexOf(code);
    const margin = second === undefined ? 0 : distances[second] - distances[nearest];
    const least = decimalsFor(distances[nearest] + margin);
    const sum = addUp([distances[nearest], margin], distances[nearest] + margin, { least, most: DECIMALS.most });
    ranks.replaceChildren(...quantizer.ranking({
      nearest: createChip(model, nearest, String(nearest)),
      distance: sum.terms[0],
      second: second === undefined ? null : {
        chip: createChip(model, second, String(second)),
        distance: sum.total,
        margin: make("b", "", sum.terms[1]),
      },
      place: place > 1 ? place + 1 : null,
      codes: order.length,
    }));
  }

  /** @param {Focus | null} focused */
  function rest(focused) {
    const model = store.get("model");
    if (!model || !focused) return;
    title.replaceChildren(...quantizer.columnTitle(createChip(model, focused.code)));
    setText(hint, quantizer.columnHint(focused.users.size));
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) build(model);
      if (!anyChanged(changed, ["model", "trace", "focus", "pinned"])) return;
      const focused = store.get("focus");
      const cell = Boolean(focused?.cell);
      hide(element, !focused);
      hide(body, !cell);
      hide(hint, cell);
      hide(unpin, !store.get("pinned"));
      if (focused && cell) compute(model, focused);
      else rest(focused);
    },
  };
}

/**
 * Two vectors, and the difference of what is printed.
 * @param {ArrayLike<number>} f
 * @param {ArrayLike<number>} e
 */
function pairTexts(f, e) {
  const columns = Array.from(f, (value, d) => {
    const size = Math.max(Math.abs(value), Math.abs(e[d]));
    const decimals = Math.min(2, decimalsFor(size));
    const unit = 10 ** decimals;
    const [a, b] = [Math.round(value * unit), Math.round(e[d] * unit)];
    return [a, b, a - b].map((n) => withoutZero(toDecimals(n / unit, decimals)));
  });
  const [first, second, difference] = [0, 1, 2].map((n) => columns.map((column) => column[n]));
  return { f: first, e: second, difference };
}
