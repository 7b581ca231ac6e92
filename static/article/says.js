// @ts-check

import { setText } from "../core/dom.js";

/**
 * Fills the {placeholders} of a figure's sentence, which is in the article, in its language.
 * @param {HTMLElement} place with the sentence as `data-says`
 * @param {Record<string, string | number>} values
 */
export function say(place, values) {
  setText(place, (place.dataset.says ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name])));
}
