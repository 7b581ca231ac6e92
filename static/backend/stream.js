// @ts-check

import { toBase64 } from "../core/tensor.js";

/** Waits between attempts to reconnect: doubling, and scattered so that a classroom does not return in one wave. */
const BACK_OFF = { first: 300, most: 8000, jitter: 0.4 };

/** A reply that takes longer than this has been lost with its connection. */
const LOST_MS = 10_000;

/** RFC 6455, "try again later": the server has as many visitors as it takes. */
const FULL = 1013;

/**
 * What is asked; `seq`, `type` and `model` are added when it leaves.
 * @typedef {{ pixels?: Uint8Array, [field: string]: unknown }} Request
 */

/**
 * One question that is asked again and again, like "what is this drawing's trace?".
 * @typedef {object} Slot
 * @property {string} type of the messages
 * @property {Request | null} newest what is wanted, kept for the next connection; null when nothing is
 * @property {boolean} waiting whether it has still to be sent
 * @property {number} shown the newest reply that was handed on
 * @property {(message: any, request: Request, roundTrip: number) => void} onReply
 */

/**
 * The stream to the server: of each type of message one is in flight, of each question the newest is pending, and
 * everything older is forgotten. No DOM; a test may hand in its own socket and clock.
 * @param {object} options
 * @param {string} options.url
 * @param {(message: string) => void} options.onError
 * @param {(state: import("../core/types.d.ts").Connection, detail: string) => void} options.onState
 * @param {(url: string) => WebSocket} [options.open]
 * @param {() => number} [options.random]
 */
export function createStream({
  url,
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
  let attempts = 0;
  /** @type {number | undefined} */
  let retry;
  /** @type {number | undefined} */
  let watchdog;
  /** @type {Slot[]} */
  const slots = [];
  /** @type {Map<string, number>} type → the message that is awaited; older ones may never be answered */
  const awaited = new Map();
  /** @type {Map<number, { slot: Slot, request: Request, at: number }>} `at` as the clock says */
  const sent = new Map();

  /** @param {Slot} slot */
  function transmit(slot) {
    if (!slot.newest || socket?.readyState !== 1) return;
    const { type, newest } = slot;
    slot.waiting = false;
    awaited.set(type, ++seq);
    sent.set(seq, { slot, request: newest, at: performance.now() });
    const pixels = newest.pixels && toBase64(newest.pixels);
    socket.send(JSON.stringify({ ...newest, type, seq, model, pixels }));
    clearTimeout(watchdog);
    // A half-open connection never says that it is gone.
    watchdog = setTimeout(() => socket?.close(), LOST_MS);
  }

  /**
   * Sends what waits. A slot that was served goes to the end of the line, so that no question starves another.
   * @param {Slot} [served]
   */
  function flush(served) {
    const line = slots.filter((slot) => slot !== served);
    if (served) line.push(served);
    for (const slot of line) if (slot.waiting && !awaited.has(slot.type)) transmit(slot);
  }

  /**
   * Strikes off the message that was answered, and those of its type that were overtaken.
   * @param {number} number of the message
   * @returns {{ slot: Slot, request: Request, at: number } | undefined} what had been asked, and when
   */
  function settle(number) {
    const answered = sent.get(number);
    if (!answered) return;
    const { type } = answered.slot;
    for (const [old, { slot, request }] of sent) {
      if (old > number || slot.type !== type) continue;
      sent.delete(old);
      // The server keeps one place for each type: another question of this type has lost it, and is asked again.
      if (old < number && slot.newest === request) slot.waiting = true;
    }
    if (number === awaited.get(type)) awaited.delete(type);
    if (!awaited.size) clearTimeout(watchdog);
    flush(answered.slot);
    return answered;
  }

  /** @param {MessageEvent} event */
  function receive(event) {
    const now = performance.now();
    /** @type {any} */
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      onError("The server sent something that is not JSON.");
      return;
    }
    if (message === null || typeof message !== "object") {
      onError("The server sent something that is no message.");
      return;
    }
    // The next question leaves before this answer is unpacked and drawn.
    const answered = settle(message.seq);
    if (message.type === "error") {
      onError(String(message.message));
    } else if (answered) {
      const { slot, request, at } = answered;
      const stale = message.seq <= slot.shown || (model !== undefined && message.model !== model);
      if (stale) return;
      slot.shown = message.seq;
      slot.onReply(message, request, now - at);
    }
  }

  /** Asks for everything that is wanted: no earlier reply will do. */
  function renew() {
    for (const slot of slots) slot.waiting = slot.newest !== null;
    flush();
  }

  function connect() {
    clearTimeout(retry);
    const mine = open(url);
    socket = mine;
    mine.onopen = () => {
      attempts = 0;
      onState("live", "The server answers every stroke.");
      renew();
    };
    mine.onmessage = receive;
    mine.onclose = (event) => {
      if (socket !== mine) return;
      socket = null;
      awaited.clear();
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
     * @param {string} type of the messages
     * @param {(message: any, request: Request, roundTrip: number) => void} onReply told the newest reply, what it
     *   answers, and how many milliseconds lie between
     */
    channel(type, onReply) {
      /** @type {Slot} */
      const slot = { type, newest: null, waiting: false, shown: 0, onReply };
      slots.push(slot);
      return {
        /**
         * @param {Request} request
         * @param {boolean} [now] send even while an answer is awaited: the visitor has lifted the pen
         */
        ask(request, now = false) {
          slot.newest = request;
          slot.waiting = true;
          if (now) transmit(slot);
          else flush();
        },

        /** Nothing is wanted any longer, not even what is on its way. */
        forget() {
          slot.newest = null;
          slot.waiting = false;
          slot.shown = seq;
        },
      };
    },

    /** @param {string} name model whose answers are wanted from now on */
    use(name) {
      if (name === model) return;
      model = name;
      // What is on its way comes from another model.
      awaited.clear();
      renew();
    },

    /** @returns {boolean} whether all that was asked has been answered */
    isIdle: () => !sent.size && !slots.some((slot) => slot.waiting),

    /** Tries at once, for instance when the network or the tab comes back. */
    reconnectNow() {
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

/** @typedef {ReturnType<typeof createStream>} Stream */
