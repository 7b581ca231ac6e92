// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { GREYS, shade } from "../core/colors.js";
import { meanSquaredError } from "../core/derived.js";
import { hide, make, setText } from "../core/dom.js";
import { levelsOf } from "../core/levels.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/levels.js";
import { aloneOf, compare, createMixtures, swapOf } from "./mixtures.js";

/** @typedef {import("../core/types.d.ts").Tensor} Tensor */

const UNIT = { low: 0, high: 1 };

/**
 * What each level of the model holds: pictures of one level alone, and of levels exchanged with an example digit.
 * @param {HTMLElement} element empty
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./mixtures.js").Question} question asks the backend
 * @param {(digit: number) => Uint8Array} pixelsOf an example digit
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question, pixelsOf) {
  const mixtures = createMixtures(store, question, pixelsOf);
  const measured = make("p", "aside");
  const verdict = make("p", "verdict");
  verdict.setAttribute("role", "status");
  const digits = Array.from({ length: 10 }, (_, digit) => {
    const button = make("button", "", String(digit));
    button.type = "button";
    button.setAttribute("aria-label", texts.swapWith(digit));
    button.addEventListener("click", () => store.set("swapped", store.get("swapped") === digit ? null : digit));
    return button;
  });
  const choice = make("div", "examples", ...digits);
  choice.setAttribute("role", "group");
  choice.setAttribute("aria-label", texts.swapDigits);
  const [alone, swaps] = [make("div", "comparison of-three"), make("div", "comparison")];
  element.append(
    heading("h2", texts.title, "title-levels"),
    make("p", "", texts.intro),
    alone,
    measured,
    heading("h3", texts.swapTitle),
    make("p", "", texts.swapIntro),
    choice,
    swaps,
  );
  element.setAttribute("aria-labelledby", "title-levels");
  /** @type {ReturnType<typeof createFigure>[]} */
  let figures = [];

  function build() {
    const model = store.get("model");
    if (!model) return;
    const levels = levelsOf(model);
    const own = () => store.get("shownReconstruction");
    const picture = (/** @type {string} */ name) => () => store.get("mixtures")[name];
    const singles = [
      createFigure(texts.full, own, true),
      ...levels.map((level) => createFigure(texts.alone(level), picture(aloneOf(level)), true)),
    ];
    const exchanged = [
      createFigure(texts.yours, own),
      ...[...levels].reverse().map((level) => createFigure(() => texts.swap(level, store.get("swapped") ?? 0), picture(swapOf(level)))),
      createFigure(() => texts.example(store.get("swapped") ?? 0), () => store.get("swappedTrace")?.reconstruction),
    ];
    figures = [...singles, ...exchanged];
    alone.replaceChildren(...singles.map(({ figure }) => figure));
    swaps.replaceChildren(...exchanged.map(({ figure }) => figure), verdict);
    const { hierarchy, test_mse: error } = model.metrics;
    setText(measured, hierarchy ? texts.measured(error, hierarchy) : "");
  }

  /**
   * @param {string | (() => string)} caption
   * @param {() => Tensor | null | undefined} picture
   * @param {boolean} [judged] whether it is told how far it is from the drawing
   */
  function createFigure(caption, picture, judged = false) {
    const canvas = make("canvas");
    const shown = createShownPicture(canvas);
    const [name, error] = [make("span"), make("b")];
    const figure = make("figure", "", canvas, make("figcaption", "", name, make("br"), error));
    canvas.setAttribute("role", "img");
    /** @type {Tensor | null | undefined} */
    let painted = null;
    return {
      figure,
      update() {
        const said = typeof caption === "string" ? caption : caption();
        setText(name, said);
        canvas.setAttribute("aria-label", said);
        const tensor = picture();
        const pixels = store.get("pixels");
        if (judged) setText(error, tensor ? texts.error(meanSquaredError(tensor, pixels)) : "");
        if (!tensor || tensor === painted) return;
        painted = tensor;
        const [height, width] = tensor.shape;
        shown.paint(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
      },
    };
  }

  function judge() {
    const own = store.get("shownReconstruction");
    const other = store.get("swappedTrace")?.reconstruction;
    const digit = store.get("swapped");
    const { [swapOf("")]: bottom, [swapOf("top")]: top } = store.get("mixtures");
    setText(verdict, own && other && bottom && top && digit !== null
      ? texts.verdict(digit, compare(bottom, own, other), compare(top, own, other))
      : "");
  }

  return {
    update(changed) {
      mixtures.update(changed);
      if (changed.has("model")) build();
      if (changed.has("swapped")) {
        digits.forEach((button, digit) => button.setAttribute("aria-pressed", String(digit === store.get("swapped"))));
      }
      if (!anyChanged(changed, ["model", "mixtures", "shownReconstruction", "swapped", "swappedTrace", "pixels"])) return;
      hide(swaps, !store.get("swappedTrace"));
      for (const { update } of figures) update();
      judge();
    },
  };
}

/** @param {"h2" | "h3"} tag @param {string} text @param {string} [id] */
function heading(tag, text, id) {
  const element = make(tag, "", text);
  if (id) element.id = id;
  return element;
}
