// @ts-check

import { texts } from "../texts/texts.js";

/** How long a view may take to appear, and how long the page then follows it while others move it. In milliseconds. */
const PATIENCE = { appear: 10_000, settle: 1500 };

/** What ends that: the visitor goes on. */
const INPUTS = ["wheel", "pointerdown", "keydown"];

/**
 * Shows the view that an address or a link (`#show=…`) names.
 * @param {HTMLElement} page
 * @param {import("../core/types.d.ts").Store} store
 * @param {() => void} draw an example, for a visitor whose pad is empty
 * @returns {import("../core/types.d.ts").View}
 */
export function createScenes(page, store, draw) {
  /** The view that is being opened. */
  let opening = "";
  let end = () => {};

  /** @param {string} name */
  async function open(name) {
    const { SCENES, setScene } = await import("../core/scenes.js");
    const scene = SCENES[name];
    if (store.get("scene") !== name) return;
    if (!scene) {
      store.assign({ scene: "", notice: { kind: "problem", text: texts.drawing.addressRefused(["show"]) } });
      return;
    }
    if (store.get("pixels").every((value) => value === 0)) draw();
    setScene(store, scene);
    follow(scene.at);
  }

  /**
   * Scrolls to a view once it is there, and again when what opens above it moves it.
   * @param {string} selector
   */
  function follow(selector) {
    let found = false;
    const observer = new ResizeObserver(look);
    let timer = setTimeout(stop, PATIENCE.appear);
    for (const type of INPUTS) addEventListener(type, stop, { passive: true });
    end = stop;
    observer.observe(document.body);

    function stop() {
      observer.disconnect();
      clearTimeout(timer);
      for (const type of INPUTS) removeEventListener(type, stop);
      end = () => {};
      // Another view may be wanted by now.
      if (store.get("scene") === opening) store.set("scene", "");
    }

    function look() {
      const target = page.querySelector(selector);
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

  // The same address again changes nothing in the address bar.
  page.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#show=']") : null;
    if (link instanceof HTMLAnchorElement && link.hash === location.hash) store.set("scene", link.hash.slice(6));
  });

  return {
    update() {
      const name = store.get("scene");
      if (name !== opening) {
        end();
        opening = "";
      }
      if (!name || opening || !store.get("model") || !store.get("trace")) return;
      opening = name;
      open(name);
    },
  };
}
