// @ts-check

/** So many messages of one type may be in flight: enough that a server 100 ms away answers 30 drawings a second. */
const MOST_IN_FLIGHT = 4;

/** A message joins those in flight at most once a frame of the screen. */
const FRAME_MS = 1000 / 60;

/**
 * What is asked; `seq`, `type` and `model` are added when it is sent.
 * @typedef {{ pixels?: Uint8Array, [field: string]: unknown }} Request
 */

/**
 * @callback OnReply
 * @param {any} message
 * @param {Request} request that the message answers
 * @param {number} roundTrip milliseconds between the two
 * @returns {void}
 */

/**
 * @callback OnError
 * @param {Request} request that could not be answered
 * @returns {void}
 */

/**
 * One question that is asked again and again, such as "what is the trace of this drawing?".
 * @typedef {object} Slot
 * @property {string} type of its messages
 * @property {Request | null} newest what is wanted, kept for the next connection; null when nothing is
 * @property {boolean} waiting whether `newest` has not been sent yet
 * @property {boolean} urgent whether `newest` goes to a far server at the next frame, instead of in even steps
 * @property {boolean} overtaken whether a message of another channel took the place of its last one on the server
 * @property {number} roundTrip milliseconds that its last reply took
 * @property {number} forgotten replies to messages up to this number are dropped
 * @property {OnReply} onReply
 * @property {OnError} [onError]
 */

/**
 * Newest wins: the newest request of each channel waits for its turn, and older requests are dropped. A near server gets
 * the next message as soon as it has answered the last one. A far one gets up to four before it has, spread over the
 * round trip, so that they neither meet in the server's queue nor come back in bursts. Replies are handed on in the order
 * of their requests; one that comes after the reply to a later request is dropped. How messages travel is up to `send`.
 * @param {(message: Record<string, unknown>) => boolean} send returns whether the message could be sent
 */
export function createChannels(send) {
  /** @type {Slot[]} */
  const slots = [];
  /** @type {Map<number, { slot: Slot, request: Request, at: number }>} messages in flight, oldest first */
  const sent = new Map();
  /** @type {string | undefined} */
  let model;
  let seq = 0;
  /** @type {number | undefined} timer of the next message that is due */
  let next;

  /**
   * Sends what a slot wants, and moves it to the end of the line, so that no question starves another.
   * @param {Slot} slot
   */
  function transmit(slot) {
    const { type, newest } = slot;
    const at = performance.now();
    if (!newest || !send({ ...newest, type, seq: seq + 1, model })) return;
    slot.waiting = slot.urgent = false;
    sent.set(++seq, { slot, request: newest, at });
    slots.splice(slots.indexOf(slot), 1);
    slots.push(slot);
  }

  /**
   * @param {Slot} slot
   * @returns {number} milliseconds until it may send; infinite while a reply has to come first
   */
  function delay(slot) {
    const inFlight = [...sent.values()].filter((message) => message.slot.type === slot.type);
    if (!inFlight.length) return 0;
    // A message that has been overtaken by one of another channel is not overtaken again.
    const yields = inFlight.some((message) => message.slot !== slot && message.slot.overtaken);
    if (yields || inFlight.length >= MOST_IN_FLIGHT) return Infinity;
    const gap = slot.urgent ? FRAME_MS : Math.max(FRAME_MS, slot.roundTrip / MOST_IN_FLIGHT);
    return inFlight[inFlight.length - 1].at + gap - performance.now();
  }

  /** Sends what is due, what is urgent first, and comes back for what is due later. */
  function flush() {
    clearTimeout(next);
    let soonest = Infinity;
    for (const slot of [...slots].sort((a, b) => Number(b.urgent) - Number(a.urgent))) {
      if (!slot.waiting) continue;
      const wait = delay(slot);
      if (wait > 0) soonest = Math.min(soonest, wait);
      else transmit(slot);
    }
    if (soonest < Infinity) next = setTimeout(flush, Math.ceil(soonest));
  }

  /** No message in flight will be answered any more: all that is wanted has to be sent again. */
  function lose() {
    clearTimeout(next);
    sent.clear();
    for (const slot of slots) {
      slot.waiting = slot.newest !== null;
      slot.overtaken = false;
    }
  }

  return {
    /**
     * @param {string} type of the messages
     * @param {OnReply} onReply
     * @param {OnError} [onError]
     */
    channel(type, onReply, onError) {
      /** @type {Slot} */
      const slot = {
        type,
        newest: null,
        waiting: false,
        urgent: false,
        overtaken: false,
        roundTrip: 0,
        forgotten: 0,
        onReply,
        onError,
      };
      slots.push(slot);
      return {
        /**
         * @param {Request} request
         * @param {boolean} [urgent] send at the next frame: the visitor has lifted the pen
         */
        ask(request, urgent = false) {
          slot.newest = request;
          slot.waiting = true;
          slot.urgent = urgent;
          flush();
        },

        /** Nothing is wanted any longer, including what is in flight. */
        forget() {
          slot.newest = null;
          slot.waiting = slot.urgent = slot.overtaken = false;
          slot.forgotten = seq;
        },
      };
    },

    flush,

    lose,

    /** @param {string} name model whose replies are wanted from now on */
    use(name) {
      if (name === model) return;
      model = name;
      lose();
      flush();
    },

    /**
     * Sends what waited for this reply, then hands the reply on.
     * @param {any} message
     */
    receive(message) {
      const now = performance.now();
      const answered = sent.get(message.seq);
      if (!answered) return;
      const { slot, request, at } = answered;
      slot.roundTrip = now - at;
      slot.overtaken = false;
      for (const [number, other] of sent) {
        if (number > message.seq || other.slot.type !== slot.type) continue;
        sent.delete(number);
        // The server keeps one place for each type. A message of another channel has lost it and is sent again.
        if (other.slot === slot || !other.slot.newest) continue;
        other.slot.overtaken = true;
        if (other.slot.newest === other.request) other.slot.waiting = true;
      }
      flush();
      if (message.seq <= slot.forgotten) return;
      if (message.type === "error") slot.onError?.(request);
      else slot.onReply(message, request, now - at);
    },

    /** @returns {boolean} whether a reply is awaited */
    isAwaiting: () => sent.size > 0,

    /** @returns {boolean} whether all that was asked has been answered */
    isIdle: () => !sent.size && !slots.some((slot) => slot.waiting),
  };
}
