// @ts-check

import { blank, centre, lay, rasterize, toBytes } from "./ink.js";
import { snap, visible } from "./strokes.js";
import { dropCodes, record, redo, undo } from "../core/history.js";
import { AS_DRAWN } from "../core/state.js";

/** @typedef {import("../core/types.d.ts").Point} Point */
/** @typedef {import("../core/types.d.ts").Step} Step */

/** A point nearer than this to the one before it changes no pixel worth keeping. In pixels. */
const NEAREST = 0.12;

/**
 * The drawing: its strokes, what they look like, and what the model is given. No DOM.
 * @param {import("../core/types.d.ts").Store} store
 * @param {(pixels: Uint8Array, finished: boolean) => void} send called at once, not at the next frame, so that the
 *   server works while the browser waits for the screen; `finished` says that the pen rests
 */
export function createDrawing(store, send) {
  let ink = blank();
  /** @type {Extract<Step, { kind: "stroke" }> | null} the stroke that is being drawn */
  let open = null;

  /** @param {boolean} finished whether the pen rests: then this drawing must not be skipped */
  function show(finished) {
    const steps = store.get("steps");
    const drawing = toBytes(ink);
    const given = store.get("centre") ? centre(visible(steps), ink) : { ink, placement: AS_DRAWN };
    const pixels = toBytes(given.ink);
    store.set("drawing", drawing);
    store.set("placement", given.placement);
    const before = store.get("pixels");
    const same = pixels.every((value, n) => value === before[n]);
    if (!same) store.set("pixels", pixels);
    if (!same || finished) send(store.get("pixels"), finished);
  }

  /** Shows the drawing that the steps make. */
  function restore() {
    open = null;
    ink = rasterize(store.get("steps"));
    show(true);
  }

  return {
    /** @param {Step[]} steps */
    replace(steps) {
      store.assign({ steps, undone: [] });
      restore();
    },

    /**
     * @param {Point} point
     * @param {boolean} erase
     * @param {number} [radius]
     */
    begin(point, erase, radius = erase ? 2 * store.get("brush") : store.get("brush")) {
      const at = /** @type {Point} */ (point.map(snap));
      open = { kind: "stroke", points: [at], radius: snap(radius), erase };
      record(store, open);
      lay(ink, at, at, open.radius, erase);
      show(false);
    },

    /** @param {Point[]} points all that happened since the last call, so that the centring runs once for them */
    extend(points) {
      if (!open) return;
      let moved = false;
      for (const point of points) {
        const at = /** @type {Point} */ (point.map(snap));
        const last = open.points[open.points.length - 1];
        if (Math.hypot(at[0] - last[0], at[1] - last[1]) < NEAREST) continue;
        lay(ink, last, at, open.radius, open.erase);
        open.points.push(at);
        moved = true;
      }
      if (moved) show(false);
    },

    end() {
      if (!open) return;
      open = null;
      // A new list, so that `steps` counts as changed.
      store.set("steps", [...store.get("steps")]);
      show(true);
    },

    /** Takes back the last stroke, clear or edit of codes. An edit leaves the drawing as it is. */
    undo() {
      const step = undo(store);
      if (step && step.kind !== "codes") restore();
    },

    /** Does again what was taken back last. */
    redo() {
      const step = redo(store);
      if (step && step.kind !== "codes") restore();
    },

    clear() {
      if (!visible(store.get("steps")).length) return;
      record(store, { kind: "clear" });
      restore();
    },

    /** Makes the model's picture again, after the centring was switched. */
    refresh() {
      const before = store.get("pixels");
      show(true);
      // Edited codes belong to the former picture.
      if (store.get("pixels") !== before) dropCodes(store);
    },

    /** Follows a store that was put back to an empty drawing. */
    reset() {
      open = null;
      ink = blank();
    },
  };
}

/** @typedef {ReturnType<typeof createDrawing>} Drawing */
