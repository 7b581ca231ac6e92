// @ts-check

/** The sizes of the drawing in files, and the packed codes. No DOM. */

import { gridsOf, joinCodes, splitCodes } from "../core/level-codes.js";
import { anyChanged } from "../core/store.js";
import { fromBase64 } from "../core/tensor.js";
import { setUnanswered } from "./queue.js";

/** They follow the drawing when the pen has rested, in milliseconds. */
const PAUSE = 150;

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<number>} bits of the bytes as a gzip file
 */
export async function gzipBits(bytes) {
  const packed = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]).stream().pipeThrough(new CompressionStream("gzip"));
  return 8 * (await new Response(packed).arrayBuffer()).byteLength;
}

/**
 * @param {string} data base64
 * @param {number} count of bits in it
 * @returns {string} of "0" and "1"
 */
export function toBits(data, count) {
  return Array.from(fromBase64(data), (byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, count);
}

/**
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @param {(pixels: Uint8Array) => Promise<number>} pngBits bits of the drawing as a PNG file
 */
export function createCompression(store, question, pngBits) {
  /** @type {number | undefined} */
  let timer;
  const packing = question("compress", (/** @type {import("../core/types.d.ts").CompressReply} */ message, request) => {
    const { bits, data } = message;
    const model = store.get("model");
    if (!model) return;
    const [asked, unpacked] = [request, message].map((fields) => /** @type {number[]} */ (joinCodes(gridsOf(model), "codes", fields)));
    store.set("packed", { codes: asked, bits: toBits(data, bits), exact: String(unpacked) === String(asked) });
  }, () => setUnanswered(store, "packed", true));

  async function measure() {
    const pixels = store.get("pixels");
    const [png, gzip] = await Promise.all([pngBits(pixels), gzipBits(pixels)]);
    if (pixels === store.get("pixels")) store.set("fileSizes", { png, gzip });
  }

  function follow() {
    const model = store.get("model");
    const codes = store.get("shownCodes");
    // The part may have been closed meanwhile.
    if (!store.get("generate") || !model?.prior || !codes) return;
    measure();
    if (String(codes) === String(store.get("packed")?.codes)) return;
    setUnanswered(store, "packed", false);
    packing.ask(splitCodes(gridsOf(model), "codes", codes));
  }

  return {
    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      if (!anyChanged(changed, ["model", "shownCodes", "pixels", "generate"])) return;
      clearTimeout(timer);
      timer = setTimeout(follow, PAUSE);
    },
  };
}
