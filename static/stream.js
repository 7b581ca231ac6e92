// @ts-check

import { toBase64 } from "./tensor.js";

/** Waits between attempts to reconnect: doubling, and scattered so that a classroom does not return in one wave. */
const BACK_OFF = { first: 300, most: 8000, jitter: 0.4 };

/** A reply that takes longer than this has been lost with its connection. */
const LOST_MS = 10_000;

/** RFC 6455, "try again later": the server has as many visitors as it takes. */
const FULL = 1013;

/**
 * The stream of drawings to the server: one frame in flight, the newest one pending, everything older forgotten. No
 * DOM; a test may hand in its own socket and clock.
 * @param {object} options
 * @param {string} options.url
 * @param {string[]} options.stages tensors that replies shall carry
 * @param {(message: any, pixels: Uint8Array | null) => void} options.onTrace
 * @param {(message: string) => void} options.onError
 * @param {(state: import("./types.d.ts").Connection, detail: string) => void} options.onState
 * @param {(url: string) => WebSocket} [options.open]
 * @param {() => number} [options.random]
 */
export function createStream({
  url,
  stages,
  onTrace,
  onError,
  onState,
  open = (address) => new WebSocket(address),
  random = Math.random,
}) {
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {string | undefined} */
  let model;
  let seq = 0;
  /** The frame that is awaited; older ones may never be answered. */
  let awaited = 0;
  let shown = 0;
  /** @type {Uint8Array | null} the newest drawing, kept for the next connection */
  let newest = null;
  let waiting = false;
  let attempts = 0;
  /** @type {number | undefined} */
  let retry;
  /** @type {number | undefined} */
  let watchdog;
  /** @type {Map<number, Uint8Array>} */
  const sent = new Map();

  function transmit() {
    if (!newest || socket?.readyState !== 1) return;
    waiting = false;
    awaited = ++seq;
    sent.set(seq, newest);
    socket.send(JSON.stringify({ type: "trace", seq, model, pixels: toBase64(newest), stages }));
    clearTimeout(watchdog);
    // A half-open connection never says that it is gone.
    watchdog = setTimeout(() => socket?.close(), LOST_MS);
  }

  /** @param {number} number of the frame that was answered, older ones with it */
  function settle(number) {
    for (const old of sent.keys()) if (old <= number) sent.delete(old);
    if (number < awaited) return;
    awaited = 0;
    clearTimeout(watchdog);
    if (waiting) transmit();
  }

  /** @param {MessageEvent} event */
  function receive(event) {
    /** @type {any} */
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      onError("The server sent something that is not JSON.");
      return;
    }
    const pixels = sent.get(message.seq) ?? null;
    // The next drawing leaves before this one is unpacked and drawn.
    if (typeof message.seq === "number") settle(message.seq);
    if (message.type === "error") {
      onError(String(message.message));
    } else if (message.type === "trace") {
      const stale = message.seq <= shown || (model !== undefined && message.model !== model);
      if (stale) return;
      shown = message.seq;
      onTrace(message, pixels);
    }
  }

  function connect() {
    clearTimeout(retry);
    const mine = open(url);
    socket = mine;
    mine.onopen = () => {
      attempts = 0;
      onState("live", "The server answers every stroke.");
      transmit();
    };
    mine.onmessage = receive;
    mine.onclose = (event) => {
      if (socket !== mine) return;
      socket = null;
      awaited = 0;
      sent.clear();
      clearTimeout(watchdog);
      const wait = Math.min(BACK_OFF.most, BACK_OFF.first * 2 ** attempts++);
      retry = setTimeout(connect, wait * (1 + BACK_OFF.jitter * (2 * random() - 1)));
      onState("offline", event.code === FULL
        ? "The server has as many visitors as it can take. Your drawing is kept; the page tries again by itself."
        : "The server cannot be reached. Your drawing is kept; the page reconnects by itself.");
    };
  }

  onState("connecting", "Looking for the server.");
  connect();

  return {
    /**
     * @param {Uint8Array} pixels
     * @param {boolean} now send even while an answer is awaited: the visitor has lifted the pen
     */
    push(pixels, now) {
      newest = pixels;
      waiting = true;
      if (now || !awaited) transmit();
    },

    /** @param {string} name model whose traces are wanted from now on */
    use(name) {
      if (name === model) return;
      model = name;
      transmit();
    },

    /** Tries at once, for instance when the network or the tab comes back. */
    hurry() {
      if (socket || !attempts) return;
      attempts = 0;
      connect();
    },

    close() {
      clearTimeout(retry);
      clearTimeout(watchdog);
      const last = socket;
      socket = null;
      last?.close();
    },
  };
}
