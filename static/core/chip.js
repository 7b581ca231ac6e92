// @ts-check

import { texts } from "../texts/texts.js";
import { make } from "./dom.js";

/**
 * A code's name on its colour.
 * @param {import("./types.d.ts").Model} model
 * @param {number} code
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function createChip(model, code, text = texts.figure.codeName(code)) {
  const chip = make("span", "chip", text);
  chip.style.setProperty("--code", model.palette.fill[code]);
  chip.style.setProperty("--code-ink", model.palette.ink[code]);
  return chip;
}
