// @ts-check

import { createShownPicture } from "../core/canvas.js";
import { GREYS } from "../core/colors.js";
import { SIZE } from "../core/state.js";

/** @typedef {import("../core/types.d.ts").Point} Point */

/** A stroke may begin this far outside the pad, in CSS pixels. The style sheet has the same number. */
const MARGIN = 12;

/** What lies within the margin and is not for drawing. */
const CONTROLS = "button, input, label, select, a";

/** The button bit of a pen's eraser end (Pointer Events, table of buttons). */
const PEN_ERASER = 32;

/** Mice can report up to 1,000 positions a second. Movements within this time are not visible. In milliseconds. */
const LEAST_MS = 4;

/**
 * The pad: pointer events of mouse, touch and pen become strokes, and the ink is shown.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} surroundings what the pad lies in; strokes may begin there, near the pad
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./drawing.js").Drawing} drawing
 * @param {() => void} interrupt called when the visitor takes the pen
 * @returns {import("../core/types.d.ts").View}
 */
export function createPad(canvas, surroundings, store, drawing, interrupt) {
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

  /**
   * @param {Event} event
   * @param {{ clientX: number, clientY: number }} at
   * @returns {boolean} whether a stroke may begin there
   */
  function isNear(event, { clientX, clientY }) {
    if (event.target instanceof Element && event.target.closest(CONTROLS)) return false;
    const { left, top, right, bottom } = canvas.getBoundingClientRect();
    return clientX >= left - MARGIN && clientX <= right + MARGIN && clientY >= top - MARGIN && clientY <= bottom + MARGIN;
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

  surroundings.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.pointerType === "mouse" && event.button !== 0) || !isNear(event, event)) return;
    interrupt();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    rect = canvas.getBoundingClientRect();
    drawn = event.timeStamp;
    drawing.begin(locate(event), store.get("tool") === "erase" || (event.buttons & PEN_ERASER) !== 0);
  });

  // A drag would select text, and a touch scroll the page.
  surroundings.addEventListener("mousedown", (event) => isNear(event, event) && event.preventDefault());
  surroundings.addEventListener("touchstart", (event) => {
    if (event.cancelable && isNear(event, event.changedTouches[0])) event.preventDefault();
  }, { passive: false });

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
