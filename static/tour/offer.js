// @ts-check

import { texts } from "../texts/texts.js";

/** For how long a newcomer's pen rests before the tour is offered. In milliseconds. */
const REST_MS = 1500;

/**
 * Offers the tour, once, to a newcomer who has drawn something.
 * @param {import("../core/types.d.ts").Store} store
 */
export function offerTour(store) {
  /** @type {number | undefined} */
  let timer;
  const stop = store.subscribe((changed) => {
    if (!changed.has("pixels") && !changed.has("tour")) return;
    clearTimeout(timer);
    if (store.get("tour")) stop();
    // The first step is the digit that drew itself.
    else if (store.get("steps").length > 1) timer = setTimeout(offer, REST_MS);
  });

  function offer() {
    stop();
    store.set("notice", { kind: "info", text: texts.shell.tourOffered, action: "tour" });
  }
}
