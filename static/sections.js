// @ts-check

import { find } from "./dom.js";
import { touches } from "./store.js";

/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").Store} Store */
/** @typedef {import("./types.d.ts").View} View */
/** @typedef {(element: HTMLElement, store: Store, choose: (name: string) => void) => View} Create */

/**
 * What opens below the figure on demand. Its code comes when it is opened first: most visitors draw, and need none.
 * @type {{ key: "zoo" | "health" | "playback", load: () => Promise<{ create: Create }> }[]}
 */
const SECTIONS = [
  { key: "zoo", load: () => import("./views/zoo.js") },
  { key: "health", load: () => import("./views/health.js") },
  { key: "playback", load: () => import("./views/playback.js") },
];

/**
 * @param {HTMLElement} page
 * @param {Store} store
 * @param {(name: string) => void} choose a model
 * @returns {View[]}
 */
export function createSections(page, store, choose) {
  return SECTIONS.map(({ key, load }) =>
    createSection(find(page, `#section-${key}`), find(page, `[data-action=${key}]`), store, key, async (element) =>
      (await load()).create(element, store, choose))
  );
}

/**
 * A section and its button. While it is closed its view hears nothing.
 * @param {HTMLElement} element
 * @param {HTMLElement} button
 * @param {Store} store
 * @param {"zoo" | "health" | "playback"} key
 * @param {(element: HTMLElement) => Promise<View>} build
 * @returns {View}
 */
function createSection(element, button, store, key, build) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {View | null} */
  let view = null;
  let building = false;
  /** Whether the page has been shown once: what an address opens does not scroll the page away from the drawing. */
  let shown = false;
  /** @type {Set<Key>} what the view has not been told while it was closed */
  let missed = new Set();

  function tell() {
    if (!view || !store.get(key)) return;
    const told = missed;
    missed = new Set();
    view.update(told);
  }

  async function open() {
    building = true;
    try {
      view = await build(element);
      tell();
    } catch {
      store.set(key, false);
      store.set("notice", { kind: "problem", text: "This part of the page could not be loaded; is the server there?" });
    }
    building = false;
  }

  async function toggle() {
    const opened = store.get(key);
    const scroll = shown && opened;
    shown = true;
    button.setAttribute("aria-expanded", String(opened));
    element.hidden = !opened;
    if (opened && !view && !building) await open();
    if (scroll && store.get(key)) element.scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
  }

  return {
    read(changed) {
      if (view && store.get(key)) view.read?.(changed);
    },
    update(changed) {
      for (const one of changed) missed.add(one);
      if (touches(changed, [key])) toggle();
      tell();
    },
    destroy() {
      view?.destroy();
    },
  };
}
