// @ts-check

import { SCENES, setScene } from "../core/scenes.js";
import { texts } from "../texts/texts.js";

/** How long a view may take to appear, and how long the page then follows it while others move it. In milliseconds. */
const PATIENCE = { appear: 10_000, settle: 1500 };

/** What ends that: the visitor goes on. */
const INPUTS = ["wheel", "pointerdown", "keydown"];

/**
 * Brings the page into the state of a view, scrolls to it once it is there, and again when what opens above it moves it.
 * @param {HTMLElement} page
 * @param {import("../core/types.d.ts").Store} store
 * @param {string} name
 * @returns {() => void} ends that early
 */
export function openScene(page, store, name) {
  const scene = SCENES[name];
  if (!scene) {
    store.assign({ scene: "", notice: { kind: "problem", text: texts.drawing.addressRefused(["show"]) } });
    return () => {};
  }
  const { at } = scene;
  setScene(store, scene);
  let found = false;
  const observer = new ResizeObserver(look);
  let timer = setTimeout(stop, PATIENCE.appear);
  for (const type of INPUTS) addEventListener(type, stop, { passive: true });
  observer.observe(document.body);
  return stop;

  function stop() {
    observer.disconnect();
    clearTimeout(timer);
    for (const type of INPUTS) removeEventListener(type, stop);
    // Another view may be wanted by now.
    if (store.get("scene") === name) store.set("scene", "");
  }

  function look() {
    const target = page.querySelector(at);
    if (!(target instanceof HTMLElement) || !target.checkVisibility()) return;
    target.scrollIntoView({ behavior: "instant" });
    if (found) return;
    found = true;
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    clearTimeout(timer);
    timer = setTimeout(stop, PATIENCE.settle);
  }
}

export { SCENES };
