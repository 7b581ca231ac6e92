// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { mixCodes } from "../core/edits.js";
import { cellCount, fits } from "../core/grid.js";
import { levelsOf } from "../core/levels.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { drawings } from "../texts/drawings.js";
import { writeCodes } from "../core/write-codes.js";

/** @typedef {import("../core/types.d.ts").DecodeReply} DecodeReply */

const UNIT = { low: 0, high: 1 };

/** Earlier drawings that can be chosen. */
const MOST = 3;

/**
 * Two drawings, mixed cell by cell.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {object} backend
 * @param {import("../core/queue.js").Question} backend.question
 * @param {import("../core/codes-of.js").CodesOf} backend.codesOf
 * @param {(centred: boolean) => Uint8Array[]} examplePictures
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, { question, codesOf }, examplePictures) {
  const select = find(element, "select", HTMLSelectElement);
  const slider = find(element, "input", HTMLInputElement);
  const output = find(element, "output");
  const [from, mixed, to, decoded] = [...element.querySelectorAll("canvas")].map((canvas) => createLayer(canvas, store));
  const picture = createPicture();
  const decoding = question("decode", (/** @type {DecodeReply} */ message) => {
    result = unpack(message.reconstruction);
    paint();
  });
  /** @type {number[][] | null} codes of the second drawing */
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
    const codes = await codesOf(model, pixels);
    if (mine !== turn) return;
    second = codes;
    mix();
  }

  /** @returns {number[][] | null} */
  function mixture() {
    const model = store.get("model");
    const first = store.get("normalTrace")?.indices;
    if (!model || !first || !second || !fits(model.grid, first) || !fits(model.grid, second)) return null;
    return mixCodes(first, second, Number(slider.value));
  }

  function mix() {
    setText(output, slider.value);
    const indices = mixture();
    if (!indices) return;
    paint();
    if (String(indices) === asked) return;
    asked = String(indices);
    decoding.ask({ indices });
  }

  function paint() {
    const model = store.get("model");
    const indices = mixture();
    const first = store.get("normalTrace")?.indices;
    if (!model || !indices || !first || !second) return;
    for (const [layer, codes] of /** @type {const} */ ([[from, first], [mixed, indices], [to, second]])) {
      layer.paint((context) => writeCodes(context, codes, model.palette, { left: 0, top: 0, width: layer.width, height: layer.height }));
    }
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
      // Levels are exchanged elsewhere.
      hide(element, levelsOf(model).length > 1);
      if (element.hidden) return;
      if (changed.has("model")) {
        const cells = cellCount(model.grid);
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
