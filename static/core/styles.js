// @ts-check

import { make } from "./dom.js";

/**
 * Loads styles that a part of the page needs, and the page without it does not. A page that is one file has them all.
 * @param {string} path in static/
 * @returns {Promise<void>}
 */
export async function loadStyles(path) {
  const main = document.querySelector("link[rel=stylesheet]");
  if (!(main instanceof HTMLLinkElement)) return;
  const later = make("link");
  later.rel = "stylesheet";
  later.href = main.href.replace(/main\.css$/, path);
  await new Promise((resolve, reject) => {
    later.onload = resolve;
    later.onerror = reject;
    main.after(later);
  });
}
