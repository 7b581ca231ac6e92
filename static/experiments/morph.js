// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { createCodes } from "../core/codes-of.js";
import { find, hide, make, setText } from "../core/dom.js";
import { cellCount } from "../core/grid.js";
import { cellsOf, gridsOf, joinCodes, splitCodes } from "../core/level-codes.js";
import { at, levelsOf } from "../core/levels.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { drawings } from "../texts/drawings.js";
import { writeCodes } from "../core/write-codes.js";
import { mixCodes } from "./mixtures.js";

/** @typedef {import("../core/types.d.ts").DecodeReply} DecodeReply */

const UNIT = { low: 0, high: 1 };

/** Earlier drawings that can be chosen. */
const MOST = 3;

/**
 * Two drawings, mixed cell by cell, those of coarse levels first.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("../core/queue.js").Question} question asks the backend
 * @param {(centred: boolean) => Uint8Array[]} examplePictures
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question, examplePictures) {
  const codesOf = createCodes(question, store);
  const select = find(element, "select", HTMLSelectElement);
  const slider = find(element, "input", HTMLInputElement);
  const output = find(element, "output");
  const [from, mixed, to, decoded] = [...element.querySelectorAll("canvas")].map((canvas) => createLayer(canvas, store));
  const picture = createPicture();
  const decoding = question("decode", (/** @type {DecodeReply} */ message) => {
    result = unpack(message.reconstruction);
    paint();
  });
  const order = make("p");
  find(element, ".experiment-lead").append(order);
  /** @type {number[] | null} codes of the second drawing, of all levels */
  let second = null;
  /** @type {import("../core/types.d.ts").Tensor | null} */
  let result = null;
  /** What was decoded last. */
  let asked = "";
  /** Counts choices of the second drawing. */
  let turn = 0;
  select.addEventListener("change", choose);
  slider.addEventListener("input", mix);

  function list() {
    const chosen = select.value;
    const own = store.get("past").slice(0, MOST).map((_, n) => option(`past-${n}`, drawings.earlier(n + 1)));
    select.replaceChildren(...Array.from({ length: 10 }, (_, n) => option(String(n), drawings.example(n))), ...own);
    select.value = chosen || "3";
    if (!select.value) select.value = "3";
  }

  /**
   * @param {string} value
   * @param {string} text
   */
  function option(value, text) {
    const one = make("option", "", text);
    one.value = value;
    return one;
  }

  async function choose() {
    const model = store.get("model");
    if (!model) return;
    const mine = ++turn;
    const [, n] = /^past-(\d)$/.exec(select.value) ?? [];
    const pixels = n ? store.get("past")[Number(n)] : examplePictures(store.get("centre"))[Number(select.value)];
    const codes = await codesOf(pixels);
    if (mine !== turn) return;
    second = codes && /** @type {number[]} */ (joinCodes(gridsOf(model), "indices", codes));
    mix();
  }

  /** The codes of both drawings and of their mixture, of all levels. */
  function mixture() {
    const model = store.get("model");
    const trace = store.get("normalTrace");
    if (!model || !second || trace?.model !== model.name) return null;
    const first = levelsOf(model).flatMap((level) => at(trace, level)?.indices.flat() ?? []);
    const levels = gridsOf(model);
    return { model, levels, all: [first, mixCodes(first, second, Number(slider.value)), second] };
  }

  function mix() {
    setText(output, slider.value);
    const mixing = mixture();
    if (!mixing) return;
    paint();
    const codes = mixing.all[1];
    if (String(codes) === asked) return;
    asked = String(codes);
    decoding.ask(splitCodes(mixing.levels, "indices", codes));
  }

  function paint() {
    const mixing = mixture();
    if (!mixing) return;
    const { model, levels, all } = mixing;
    [from, mixed, to].forEach((layer, n) => {
      const grids = Object.values(splitCodes(levels, "indices", all[n]));
      layer.paint((context) =>
        grids.forEach((grid, level) => {
          const palette = at(model, levels[level].id)?.palette ?? model.palette;
          writeCodes(context, grid, palette, areaOf(layer, level, grids.length));
        })
      );
    });
    const tensor = result;
    if (!tensor) return;
    decoded.paint((context) => {
      const [height, width] = tensor.shape;
      picture.fill(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
      context.drawImage(picture.canvas, 0, 0, decoded.width, decoded.height);
    });
  }

  return {
    throttled: true,
    update(changed) {
      const model = store.get("model");
      if (!model) return;
      if (changed.has("model")) {
        const levels = gridsOf(model);
        const cells = cellsOf(levels);
        hide(order, !store.get("layered"));
        setText(order, drawings.mixingOrder(levels.map(cellCount)));
        for (const { canvas } of [from, mixed, to]) canvas.style.aspectRatio = `1 / ${levels.length}`;
        slider.max = String(cells);
        slider.value = String(Math.round(cells / 2));
        second = result = null;
        asked = "";
      }
      if (anyChanged(changed, ["model", "past"])) list();
      if (anyChanged(changed, ["model", "past", "centre"])) choose();
      else if (changed.has("normalTrace")) mix();
      else if (changed.has("layout")) paint();
    },
  };
}

/** Space between the grids of two levels, in pixels. */
const GAP = 4;

/**
 * Where the grid of a level lies: those of coarse levels are above the others.
 * @param {{ width: number, height: number }} size of the canvas
 * @param {number} level
 * @param {number} levels
 */
function areaOf({ width, height }, level, levels) {
  const share = (height + GAP) / levels;
  return { left: 0, top: level * share, width, height: share - GAP };
}
