// @ts-check

import { createLayer, createStill } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { find, hide, make, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { writeCodes } from "../core/write-codes.js";
import { createCompletions, MOST } from "./completions.js";
import { isBlank } from "./surprise.js";

const UNIT = { low: 0, high: 1 };

/**
 * A picture of the decoder as an image.
 * @param {import("../core/types.d.ts").Tensor} tensor
 * @param {string} alt
 */
export function createImage({ shape: [height, width], data }, alt) {
  const image = createStill(width, height, (x, y) => GREYS[shade(data[y * width + x], UNIT)], "code-drawing");
  image.alt = alt;
  return image;
}

/**
 * Completions of the drawing's first rows, side by side.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question) {
  const blank = find(element, ".completion-blank");
  const body = find(element, ".completion-body");
  const completions = createCompletions(store, question);
  const layer = createLayer(find(element, ".completion-kept canvas", HTMLCanvasElement), store);
  const caption = find(element, ".completion-kept figcaption");
  const rows = find(element, "input[name=rows]", HTMLInputElement);
  const output = find(element, ".completion-kept output");
  const results = find(element, ".completions");
  const says = find(element, ".completion-says");
  const more = find(element, "[data-action=complete-more]", HTMLButtonElement);
  rows.addEventListener("input", () => store.set("keptRows", Number(rows.value)));
  more.addEventListener("click", completions.more);

  function paintKept() {
    const model = store.get("model");
    const codes = store.get("shownIndices");
    if (!model || !codes) return;
    const { width, height } = layer;
    const kept = codes.map((row, i) => row.map((code) => i < store.get("shownRows") ? code : null));
    layer.paint((context) => writeCodes(context, kept, model.palette, { left: 0, top: 0, width, height }));
  }

  /** Places are there before the pictures, so that nothing moves when these come. */
  function list() {
    const found = store.get("completions");
    const count = store.get("completionCount");
    for (let n = results.children.length; n < count; n++) {
      results.append(make("figure", "", make("div", "code-drawing"), make("figcaption")));
    }
    while (results.children.length > count) results.lastElementChild?.remove();
    [...results.children].forEach((figure, n) => {
      const completion = found[n];
      const name = completion ? generate.completion(completion.digit, completion.seed) : "";
      setText(find(figure, "figcaption"), name);
      const shown = find(figure, ".code-drawing");
      const key = completion ? String(completion.codes) : "";
      if (shown.dataset.codes === key) return;
      const picture = completion ? createImage(completion.picture, name) : make("div", "code-drawing");
      picture.dataset.codes = key;
      shown.replaceWith(picture);
    });
    const digits = Array.from({ length: 10 }, (_, digit) => found.filter((one) => one.digit === digit).length);
    const failed = store.get("unanswered").has("completions");
    setText(says, found.length ? generate.completed(digits) : generate.waiting(failed));
    more.disabled = count >= MOST;
  }

  return {
    update(changed) {
      completions.update(changed);
      const empty = isBlank(store.get("trace"));
      hide(blank, !empty);
      hide(body, empty);
      const height = store.get("model")?.grid.height ?? 1;
      if (anyChanged(changed, ["model", "shownRows"])) {
        const kept = store.get("shownRows");
        rows.max = String(height - 1);
        rows.value = String(kept);
        setText(output, String(kept));
        setText(caption, generate.kept(kept, height));
      }
      if (anyChanged(changed, ["model", "shownIndices", "shownRows", "layout"])) paintKept();
      if (anyChanged(changed, ["completions", "completionCount", "unanswered"])) list();
    },
  };
}
