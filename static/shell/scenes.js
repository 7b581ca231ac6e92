// @ts-check

import { texts } from "../texts/texts.js";

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
  let stop = () => {};

  async function open() {
    const name = opening;
    try {
      const { openScene } = await import("./open-scene.js");
      if (store.get("scene") !== name) return;
      if (store.get("pixels").every((value) => value === 0)) draw();
      stop = openScene(page, store, name);
    } catch {
      store.assign({ scene: "", notice: { kind: "problem", text: texts.shell.partMissing } });
    }
  }

  function end() {
    stop();
    stop = () => {};
    opening = "";
  }

  // The same address again changes nothing in the address bar.
  page.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#show=']") : null;
    if (!(link instanceof HTMLAnchorElement) || link.hash !== location.hash) return;
    end();
    store.set("scene", link.hash.slice(6));
  });

  return {
    update() {
      const name = store.get("scene");
      if (name !== opening) end();
      if (!name || opening || !store.get("model") || !store.get("trace")) return;
      opening = name;
      open();
    },
  };
}
