// @ts-check

import { createDeferred } from "../core/deferred.js";
import { find } from "../core/dom.js";

/** @typedef {import("../core/types.d.ts").Store} Store */
/** @typedef {import("../core/types.d.ts").View} View */
/** @typedef {import("../generate/queue.js").Question} Question */
/** @typedef {(element: HTMLElement, store: Store, choose: (name: string) => void, question: Question) => View} Create */

/**
 * The sections below the figure, which open on demand.
 * @type {{ key: "generate" | "compare" | "health" | "playback" | "lab", load: () => Promise<{ create: Create }> }[]}
 */
const SECTIONS = [
  { key: "generate", load: () => import("../generate/generate.js") },
  { key: "compare", load: () => import("./compare.js") },
  { key: "health", load: () => import("./health.js") },
  { key: "playback", load: () => import("./playback.js") },
  { key: "lab", load: () => import("../lab/lab.js") },
];

/**
 * @param {HTMLElement} page
 * @param {Store} store
 * @param {(name: string) => void} choose a model
 * @param {Question} question asks the backend
 * @returns {View[]}
 */
export function createSections(page, store, choose, question) {
  // Training in the page is only where a server may train.
  return SECTIONS.filter(({ key }) => page.querySelector(`#section-${key}`)).map(({ key, load }) => {
    const element = find(page, `#section-${key}`);
    const view = createDeferred(store, key, async () => (await load()).create(element, store, choose, question));
    return createSection(page, element, find(page, `[data-action=${key}]`), store, key, view);
  });
}

/**
 * A section and its button. Elsewhere, `data-opens` with its key leads to it.
 * @param {HTMLElement} page
 * @param {HTMLElement} element
 * @param {HTMLElement} button
 * @param {Store} store
 * @param {"generate" | "compare" | "health" | "playback" | "lab"} key
 * @param {ReturnType<typeof createDeferred>} view
 * @returns {View}
 */
function createSection(page, element, button, store, key, view) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** Whether the first update is over: a section opened by the address does not scroll the page. */
  let shown = false;

  page.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest(`[data-opens=${key}]`) : null;
    if (!link) return;
    if (store.get(key)) scroll();
    else store.set(key, true);
  });

  function scroll() {
    element.scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
  }

  async function toggle() {
    const opened = store.get(key);
    const follows = shown && opened;
    shown = true;
    button.setAttribute("aria-expanded", String(opened));
    if (!follows) return;
    await view.opened();
    if (store.get(key) && !store.get("scene")) scroll();
  }

  return {
    read: view.read,
    update(changed) {
      // Before the view updates, since a hidden canvas has no size.
      if (changed.has(key)) element.hidden = !store.get(key);
      view.update(changed);
      if (changed.has(key)) toggle();
    },
  };
}
