// @ts-check

import { find, setText } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** Medians are taken over this many milliseconds: steady enough to read, and still live. */
const WINDOW_MS = 1000;

/** A longer gap between two traces is a pause between strokes, not a slow frame. In milliseconds. */
const GAP_MS = 400;

/**
 * @param {number[]} values not empty
 * @returns {number}
 */
export function median(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

/**
 * @param {number[]} times when traces came, in milliseconds, in their order
 * @returns {number} frames a second while they came without a gap; NaN when fewer than two did
 */
export function rate(times) {
  let first = times.length - 1;
  while (first > 0 && times[first] - times[first - 1] <= GAP_MS) first--;
  const frames = times.length - 1 - first;
  return frames > 0 ? (1000 * frames) / (times[times.length - 1] - times[first]) : NaN;
}

/** @param {number} ms */
const milliseconds = (ms) => Number.isFinite(ms) ? texts.shell.milliseconds(ms) : "–";

/**
 * Shows the round trip, the server's share of it and the answers per second, to distinguish a slow network from a slow
 * server. Medians of the last second in which something was traced.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const places = ["round-trip", "server", "rate"].map((name) => find(element, `[data-meter=${name}]`));
  /** @type {{ seq: number, at: number, roundTrip: number, server: number }[]} */
  let recent = [];

  function note() {
    const trace = store.get("trace");
    // Distances that arrive later complete the same trace.
    if (!trace || trace.seq === recent.at(-1)?.seq) return;
    const at = performance.now();
    recent.push({ seq: trace.seq, at, roundTrip: trace.roundTripMs, server: trace.serverMs });
    recent = recent.filter((one) => one.at > at - WINDOW_MS);
  }

  function show() {
    if (!recent.length) return;
    const frames = rate(recent.map(({ at }) => at));
    const values = [
      milliseconds(median(recent.map(({ roundTrip }) => roundTrip))),
      milliseconds(median(recent.map(({ server }) => server))),
      Number.isFinite(frames) ? texts.shell.perSecond(frames) : "–",
    ];
    places.forEach((place, n) => setText(place, values[n]));
  }

  return {
    update(changed) {
      if (changed.has("meter")) element.hidden = !store.get("meter");
      if (changed.has("trace")) note();
      if (store.get("meter") && anyChanged(changed, ["trace", "meter"])) show();
    },
  };
}
