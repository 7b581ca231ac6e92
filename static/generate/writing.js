// @ts-check

/** Writing a digit code by code. No DOM. */

import { cellOf, rowOf } from "../core/grid.js";
import { cellsOf, gridsOf, joinCodes, joinTensor, placeOf, splitCodes, startOf } from "../core/level-codes.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { unpack } from "../core/tensor.js";
import { setUnanswered } from "./queue.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").Writing} Writing */

/**
 * @param {import("../core/level-codes.js").Level[]} levels
 * @param {Writing | null} writing
 * @param {number} written
 * @param {number[]} blank the codes of an empty page
 * @param {number} begun levels after the first that begin at this cell, or after it, are left out
 * @returns {Record<string, number[][] | null>} what is decoded: the cells that are written, and an empty page
 */
export function partialGrids(levels, writing, written, blank, begun) {
  const codes = blank.map((code, cell) => writing && cell < written ? writing.codes[cell] : code);
  const grids = Object.entries(splitCodes(levels, "indices", codes));
  return Object.fromEntries(grids.map(([name, grid], n) => [name, n > 0 && startOf(levels, levels[n].id) >= begun ? null : grid]));
}

/**
 * The prior's pen. The backend samples a whole grid, which is shown cell by cell; after each change what follows is sampled
 * anew, with the next seed.
 * @param {Store} store
 * @param {import("./queue.js").Question} question
 */
export function createWriting(store, question) {
  /** @type {number | undefined} */
  let timer;
  /** The request for the grid that is shown next: an answer to one before it would bring back what was overruled. */
  let wanted = /** @type {import("../backend/channels.js").Request} */ ({});
  const samples = question("sample", (/** @type {import("../core/types.d.ts").SampleReply} */ message, request) => {
    const model = store.get("model");
    if (request !== wanted || !model) return;
    const levels = gridsOf(model);
    const codes = /** @type {number[]} */ (joinCodes(levels, "codes", message));
    const { overruled, draws } = store.get("writing") ?? { overruled: [], draws: 0 };
    store.set("writing", {
      digit: message.digit,
      codes,
      probabilities: joinTensor(levels, "probabilities", message),
      bits: joinTensor(levels, "bits", message),
      known: codes.length,
      overruled,
      draws,
    });
  }, (request) => {
    if (request !== wanted) return;
    setUnanswered(store, "writing", true);
    store.set("writes", false);
  });
  const blanks = question("trace", (/** @type {import("../core/types.d.ts").TraceReply} */ message) => {
    const model = store.get("model");
    if (model) store.set("blankCodes", /** @type {number[]} */ (joinCodes(gridsOf(model), "indices", message)));
  });
  const pictures = question("decode", (/** @type {import("../core/types.d.ts").DecodeReply} */ message) => {
    store.set("writtenPicture", unpack(message.reconstruction));
  });
  const previews = question("previews", (/** @type {import("../core/types.d.ts").PreviewsReply} */ message, { cell, level: id }) => {
    const model = store.get("model");
    if (!model) return;
    const levels = gridsOf(model);
    const level = levels.find((level) => level.id === (id ?? "")) ?? model.grid;
    const row = startOf(levels, String(id ?? "")) + rowOf(/** @type {import("../core/types.d.ts").Cell} */ (cell), level);
    store.set("previews", { row, pictures: unpack(message.pictures) });
  });

  const cells = () => {
    const model = store.get("model");
    return model ? cellsOf(gridsOf(model)) : 0;
  };

  /** @param {import("../backend/channels.js").Request} request */
  function ask(request) {
    wanted = request;
    setUnanswered(store, "writing", false);
    samples.ask(request, true);
  }

  /**
   * Samples the cells after the first `kept`.
   * @param {number} kept
   * @param {Partial<Writing>} [change]
   */
  function resample(kept, change) {
    const model = store.get("model");
    const before = store.get("writing");
    if (!model || !before) return;
    const writing = { ...before, known: kept, overruled: before.overruled.filter((one) => one < kept), ...change };
    store.assign({ writing, written: kept });
    ask({
      digit: writing.digit,
      temperature: store.get("temperature"),
      seed: (store.get("seed") + writing.draws) % 2 ** 32,
      ...splitCodes(gridsOf(model), "given", writing.codes.map((code, n) => n < kept ? code : null)),
    });
  }

  /** Begins a new grid. */
  function begin() {
    store.assign({ writing: null, written: 0 });
    ask({ digit: store.get("digit"), temperature: store.get("temperature"), seed: store.get("seed") });
  }

  /** Decodes what is written, with each code in the cell that is next, or in the last. */
  function illustrate() {
    const model = store.get("model");
    const blank = store.get("blankCodes");
    if (!model || !blank) return;
    const levels = gridsOf(model);
    const [writing, written, current] = [store.get("writing"), store.get("written"), currentRow(store)];
    pictures.ask(partialGrids(levels, writing, written, blank, written));
    const { level, row } = placeOf(levels, current);
    const place = { cell: cellOf(row, level), ...(level.id && { level: level.id }) };
    previews.ask({ ...partialGrids(levels, writing, written, blank, current + 1), ...place });
  }

  /** Goes on when the pen may. */
  function schedule() {
    clearTimeout(timer);
    if (!store.get("writes")) return;
    if (store.get("written") >= cells()) store.set("writes", false);
    else timer = setTimeout(step, 1000 / store.get("pace"));
  }

  function step() {
    const written = store.get("written");
    if (store.get("unanswered").has("writing")) ask(wanted);
    if (written < (store.get("writing")?.known ?? 0)) store.set("written", written + 1);
    else schedule();
  }

  return {
    begin,
    step,

    back() {
      store.assign({ writes: false, written: Math.max(0, store.get("written") - 1) });
    },

    /** Writes on by itself, a full grid once more; or stops. */
    play() {
      if (!store.get("writes") && store.get("written") >= cells()) store.set("written", 0);
      store.set("writes", !store.get("writes"));
    },

    /**
     * Moves the pen to a cell. What follows a written one is sampled anew.
     * @param {number} target its position among the cells of all levels
     */
    moveTo(target) {
      const writing = store.get("writing");
      if (!writing) return;
      store.set("writes", false);
      if (target < store.get("written")) resample(target, { draws: writing.draws + 1 });
      else store.set("written", Math.min(target, writing.known));
    },

    /**
     * Puts a code into the cell that is next, whatever was drawn.
     * @param {number} code
     */
    overrule(code) {
      const writing = store.get("writing");
      const at = store.get("written");
      if (!writing || at >= writing.known) return;
      if (code === writing.codes[at]) return step();
      const codes = writing.codes.map((drawn, n) => n === at ? code : drawn);
      const overruled = [...writing.overruled.filter((one) => one < at), at];
      resample(at + 1, { codes, overruled, draws: writing.draws + 1 });
    },

    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      const model = store.get("model");
      if (!model?.prior) return;
      if (!store.get("blankCodes") && anyChanged(changed, ["model", "blankCodes", "writes"])) {
        blanks.ask({ pixels: new Uint8Array(SIZE * SIZE), stages: [], variant: "normal" });
      }
      if (anyChanged(changed, ["model", "digit", "seed"])) begin();
      else if (changed.has("temperature")) resample(store.get("written"), {});
      if (anyChanged(changed, ["writing", "written", "blankCodes", "model"])) illustrate();
      if (anyChanged(changed, ["writes", "written", "pace", "generate"])) schedule();
    },
  };
}

/**
 * @param {Store} store
 * @returns {number} the cell whose distribution is shown: the next one, or the last
 */
export function currentRow(store) {
  const writing = store.get("writing");
  return writing ? Math.min(store.get("written"), writing.codes.length - 1) : 0;
}

/**
 * @param {Writing} writing
 * @param {number} row
 * @returns {Float32Array | null} the probability of each code in a cell; null while it is not known
 */
export function distributionAt({ probabilities, codes, known }, row) {
  const size = probabilities.length / codes.length;
  return row < known ? probabilities.subarray(row * size, (row + 1) * size) : null;
}
