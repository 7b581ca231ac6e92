// @ts-check

import { createPicture } from "../core/canvas.js";
import { GREYS } from "../core/colors.js";
import { find, make, setText } from "../core/dom.js";
import { PICTURE_BITS, wholeBits } from "../core/grid.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { texts } from "../texts/texts.js";
import { createCompression } from "./compression.js";

/** The forms of the drawing, largest first for most drawings, and what they are called. */
const FORMS = /** @type {const} */ ([
  ["raw", "generate.compress.raw"],
  ["png", "generate.compress.png"],
  ["gzip", "generate.compress.gzip"],
  ["codes", "generate.compress.codes"],
  ["coded", "generate.compress.coded"],
]);

/** @param {Uint8Array} pixels */
async function pngBits(pixels) {
  const { canvas } = createPicture(document.createElement("canvas"));
  createPicture(canvas).fill(SIZE, SIZE, (x, y) => GREYS[pixels[y * SIZE + x]]);
  /** @type {Blob | null} */
  const file = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return 8 * (file?.size ?? NaN);
}

/**
 * The drawing's sizes in a table, and its packed codes.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question) {
  const compression = createCompression(store, question, pngBits);
  const says = find(element, ".compression-says");
  const stream = find(element, ".compression-bits");
  const rows = FORMS.map(([form, title]) => {
    const name = make("th", "", texts.page[title]);
    name.scope = "row";
    const bits = make("td", "compression-size", "–");
    const bar = make("td", "compression-bar", make("span"));
    bar.setAttribute("aria-hidden", "true");
    const row = make("tr", "", name, bits, bar);
    row.dataset.form = form;
    return { form, row, bits };
  });
  find(element, "tbody", HTMLTableSectionElement).replaceChildren(...rows.map(({ row }) => row));

  function show() {
    const model = store.get("model");
    const files = store.get("fileSizes");
    const packed = store.get("packed");
    if (!model) return;
    const sizes = { raw: PICTURE_BITS, png: files?.png, gzip: files?.gzip, codes: wholeBits(model.metrics.bits_per_image), coded: packed?.bits.length };
    for (const { form, row, bits } of rows) {
      const size = sizes[form];
      setText(bits, size === undefined ? "–" : generate.size(size));
      row.style.setProperty("--share", String(Math.min(1, (size ?? 0) / PICTURE_BITS)));
    }
    const score = store.get("score");
    setText(stream, packed?.bits ?? "");
    const known = packed && score && String(packed.codes) === String(score.codes);
    setText(says, !known
      ? generate.waiting(store.get("unanswered").has("packed"))
      : packed.exact
      ? generate.unpacked(packed.bits.length, score.total, packed.codes.length)
      : generate.damaged);
  }

  return {
    update(changed) {
      compression.update(changed);
      if (anyChanged(changed, ["model", "fileSizes", "packed", "score", "unanswered"])) show();
    },
  };
}
