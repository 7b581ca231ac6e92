// @ts-check

import { find } from "../core/dom.js";
import { loadStyles } from "../core/styles.js";
import { createTermLinks } from "../core/term-links.js";
import { createViews } from "../core/views.js";
import { create as createBatch } from "./batch.js";
import { create as createCodebook } from "./codebook.js";
import { create as createCodeSentence } from "./code-sentence.js";
import { create as createMovingAverage } from "./ema.js";
import { create as createPull } from "./pull.js";
import { create as createStrip } from "./strip.js";

/** @typedef {import("../core/types.d.ts").View} View */

/**
 * @typedef {object} Needs
 * @property {import("../core/types.d.ts").Store} store
 * @property {import("../core/queue.js").Question} question
 * @property {() => Uint8Array[]} pictures drawings to count codes in
 */

/** The figures by their `data-live`. @type {Record<string, (element: HTMLElement, needs: Needs) => View>} */
const FIGURES = {
  discrete: createCodeSentence,
  codebook: createCodebook,
  commitment: createPull,
  ema: createMovingAverage,
  batch: createBatch,
};

/**
 * Puts the article's text into the page, unless it is there already, and starts its figures.
 * @param {HTMLElement} element
 * @param {Needs} needs
 * @returns {Promise<View>}
 * @throws {Error} when the text cannot be loaded
 */
export async function create(element, needs) {
  if (!element.querySelector(".article-body")) await Promise.all([fetchBody(element), loadStyles("article/article.css")]);
  const strip = find(element, ".article-strip");
  strip.hidden = false;
  const figures = Object.entries(FIGURES).map(([name, createFigure]) => {
    const figure = find(element, `[data-live=${name}]`);
    figure.hidden = false;
    return createFigure(figure, needs);
  });
  return createViews([createTermLinks(element, needs.store), createStrip(strip, needs.store), ...figures]);
}

/** @param {HTMLElement} element with the link to the article's own document */
async function fetchBody(element) {
  const { href } = find(element, "a[data-article]", HTMLAnchorElement);
  const response = await fetch(href);
  if (!response.ok) throw new Error(`${href} answered ${response.status}`);
  const body = find(new DOMParser().parseFromString(await response.text(), "text/html"), ".article-body", /** @type {any} */ (Element));
  // In its own document they lead to the page.
  for (const link of body.querySelectorAll("a[href*='#show=']")) link.setAttribute("href", /** @type {HTMLAnchorElement} */ (link).hash);
  element.append(document.adoptNode(body));
}
