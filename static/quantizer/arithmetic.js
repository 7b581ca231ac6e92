// @ts-check

import { ranking, terms } from "./distance.js";
import { createChip } from "../core/chip.js";
import { GREYS, inked, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { counted, figure, shortFigure, shortValue } from "../core/format.js";
import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/selection.js").Focus} Focus */

/** Decimals of the sums: enough to see that both ways lead to one number. */
const DECIMALS = 4;

/**
 * The arithmetic of one distance: the terms of the quantizer's formula, the sum of squares they stand for, the two
 * vectors with their difference, and how the code ranks.
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
    const caption = make("caption", "visually-hidden", "The feature f, the embedding e, and their difference, channel by channel");
    table.replaceChildren(caption, make("tbody", "", ...rows.map(({ row }) => row)));
  }

  /**
   * @param {number} which
   * @param {ArrayLike<number>} values
   * @param {{ low: number, high: number }} scale
   * @param {(value: number) => string} [format]
   */
  function fill(which, values, scale, format = shortValue) {
    rows[which].cells.forEach((cell, d) => {
      setText(cell, format(values[d]));
      const level = shade(values[d], scale);
      if (cell.dataset.level === String(level)) return;
      cell.dataset.level = String(level);
      [cell.style.backgroundColor, cell.style.color] = inked(GREYS, level);
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
    const depth = model.embeddings[0].length;
    const f = trace.features.data.subarray(focused.row * depth, (focused.row + 1) * depth);
    const e = model.embeddings[code];
    const sums = terms(f, e);
    const streamed = focused.distance(code);
    for (const [name, value] of Object.entries({ ...sums, streamed })) {
      const place = /** @type {HTMLElement} */ (values.get(name));
      place.dataset.exact = String(value);
      setText(place, Number.isFinite(value) ? value.toFixed(DECIMALS).replace("-", "−") : "–");
    }
    title.replaceChildren(
      make("code", "", `distances[${focused.row}, ${code}]`),
      ` = ${figure(streamed)}: from cell (${focused.cell?.join(", ")}) to `,
      createChip(model, code),
    );
    rows[1].head.replaceChildren("e ", createChip(model, code, String(code)));
    const differences = e.map((value, d) => f[d] - value);
    const squares = differences.map((value) => value * value);
    fill(0, f, model.scale);
    fill(1, e, model.scale);
    fill(2, differences, model.scale);
    fill(3, squares, { low: 0, high: Math.max(...squares) }, shortFigure);
    rank(model, focused, code);
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
    /** @type {(Node | string)[]} */
    const said = ["Nearest ", createChip(model, nearest, String(nearest)), ` ${figure(distances[nearest])}`];
    if (second !== undefined) {
      said.push(" · runner-up ", createChip(model, second, String(second)), ` ${figure(distances[second])} · margin `);
      said.push(make("b", "", figure(distances[second] - distances[nearest])));
    }
    const place = order.indexOf(code);
    if (place > 1) said.push(` · this: ${place + 1} of ${order.length}`);
    ranks.replaceChildren(...said);
  }

  /** @param {Focus | null} focused */
  function rest(focused) {
    const model = store.get("model");
    if (model && focused) {
      title.replaceChildren(createChip(model, focused.code), " is a column of the codebook");
      setText(hint, `${counted(focused.users.size, "row")} of this drawing ${focused.users.size === 1 ? "chooses" : "choose"} it; ` +
        `${focused.users.size === 1 ? "it is" : "they are"} lit. ` +
        "Point at a row or at a distance to see the sum behind one number.");
    } else {
      setText(title, "Point at a number of distances");
      setText(hint, "to see the sum behind it, channel by channel; at a row of any matrix to follow one vector; " +
        "at a line of the code to find what it makes. Click, tap or press Enter to pin it; Escape lets go.");
    }
  }

  return {
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (anyChanged(changed, ["model"])) build(model);
      if (!anyChanged(changed, ["model", "trace", "focus", "pinned"])) return;
      const focused = store.get("focus");
      const cell = Boolean(focused?.cell);
      element.classList.toggle("has-cell", cell);
      hide(body, !cell);
      hide(hint, cell);
      hide(unpin, !store.get("pinned"));
      if (focused && cell) compute(model, focused);
      else rest(focused);
    },
  };
}
