// @ts-check

/** Writing a digit code by code. No DOM. */

import { cellCount, cellOf, rowOf } from "../core/grid.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { unpack, vectorAt } from "../core/tensor.js";
import { setUnanswered } from "./queue.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").Writing} Writing */

/**
 * @template T
 * @param {T[]} values in scan order
 * @param {{ width: number }} grid
 * @returns {T[][]}
 */
export function toRows(values, { width }) {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/**
 * @param {Writing | null} writing
 * @param {number} written
 * @param {number[][]} blank the codes of an empty page
 * @returns {number[][]} what is decoded: the cells that are written, and an empty page
 */
export function partialGrid(writing, written, blank) {
  const codes = blank.flat().map((code, row) => writing && row < written ? writing.codes[row] : code);
  return toRows(codes, { width: blank[0].length });
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
    if (request !== wanted) return;
    const { digit, codes, probabilities, bits } = message;
    const { overruled, draws } = store.get("writing") ?? { overruled: [], draws: 0 };
    store.set("writing", {
      digit,
      codes: codes.flat(),
      probabilities: unpack(probabilities),
      bits: unpack(bits).data,
      known: codes.flat().length,
      overruled,
      draws,
    });
  }, (request) => {
    if (request !== wanted) return;
    setUnanswered(store, "writing", true);
    store.set("writes", false);
  });
  const blanks = question("trace", (/** @type {import("../core/types.d.ts").TraceReply} */ message) => {
    store.set("blankCodes", message.indices);
  });
  const pictures = question("decode", (/** @type {import("../core/types.d.ts").DecodeReply} */ message) => {
    store.set("writtenPicture", unpack(message.reconstruction));
  });
  const previews = question("previews", (/** @type {import("../core/types.d.ts").PreviewsReply} */ message, { cell }) => {
    const model = store.get("model");
    if (!model) return;
    const row = rowOf(/** @type {import("../core/types.d.ts").Cell} */ (cell), model.grid);
    store.set("previews", { row, pictures: unpack(message.pictures) });
  });

  const cells = () => {
    const model = store.get("model");
    return model ? cellCount(model.grid) : 0;
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
      given: toRows(writing.codes.map((code, n) => n < kept ? code : null), model.grid),
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
    const indices = partialGrid(store.get("writing"), store.get("written"), blank);
    pictures.ask({ indices });
    previews.ask({ indices, cell: cellOf(currentRow(store), model.grid) });
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
     * @param {number} target row of the cell
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
export function distributionAt({ probabilities, known }, row) {
  return row < known ? vectorAt(probabilities, row) : null;
}
