// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { GREYS } from "../core/colors.js";
import { SIZE } from "../core/state.js";

/** @typedef {import("../core/types.d.ts").Point} Point */

/** The button bit of a pen's eraser end (Pointer Events, table of buttons). */
const PEN_ERASER = 32;

/** Mice can report up to 1,000 positions a second. Movements within this time are not visible. In milliseconds. */
const LEAST_MS = 4;

/**
 * The pad: pointer events of mouse, touch and pen become strokes, and the ink is shown.
 * @param {HTMLCanvasElement} canvas
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./drawing.js").Drawing} drawing
 * @param {() => void} interrupt called when the visitor takes the pen
 * @returns {import("../core/types.d.ts").View}
 */
export function createPad(canvas, store, drawing, interrupt) {
  const picture = createShownPicture(canvas);
  /** @type {number | null} */
  let pointer = null;
  /** Time of the last event that was drawn: raw updates and moves report the same positions. */
  let drawn = -Infinity;
  /** @type {DOMRect} */
  let rect;

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  function locate(event) {
    return [((event.clientX - rect.left) / rect.width) * SIZE, ((event.clientY - rect.top) / rect.height) * SIZE];
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    if (event.pointerId !== pointer) return;
    // The next move contains it among its coalesced events.
    if (event.type === "pointerrawupdate" && event.timeStamp - drawn < LEAST_MS) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const events = coalesced.length ? coalesced : [event];
    const points = events.filter((one) => one.timeStamp > drawn).map(locate);
    drawn = Math.max(drawn, event.timeStamp);
    if (points.length) drawing.extend(points);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    interrupt();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    rect = canvas.getBoundingClientRect();
    drawn = event.timeStamp;
    drawing.begin(locate(event), store.get("tool") === "erase" || (event.buttons & PEN_ERASER) !== 0);
  });

  // Raw updates arrive at the rate of the device, moves once a frame. Browsers without raw updates, and pages from an
  // insecure origin, get moves only.
  canvas.addEventListener("pointerrawupdate", /** @type {EventListener} */ (follow));
  canvas.addEventListener("pointermove", follow);

  /** @param {PointerEvent} event */
  function lift(event) {
    if (event.pointerId !== pointer) return;
    if (event.type === "pointerup") follow(event);
    pointer = null;
    drawing.end();
  }
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("lostpointercapture", lift);
  // iOS scrolls on touchmove even where touch-action forbids it if the touch began before the style applied.
  canvas.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });

  return {
    read() {
      // Text may have reflowed above a pad that is being drawn on.
      if (pointer !== null) rect = canvas.getBoundingClientRect();
    },
    update(changed) {
      if (changed.has("tool")) canvas.dataset.tool = store.get("tool");
      if (!changed.has("drawing")) return;
      const values = store.get("drawing");
      picture.paint(SIZE, SIZE, (x, y) => GREYS[values[y * SIZE + x]]);
    },
  };
}
