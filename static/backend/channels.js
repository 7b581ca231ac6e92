// @ts-check

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
 * One question that is asked again and again, such as "what is the trace of this drawing?".
 * @typedef {object} Slot
 * @property {string} type of its messages
 * @property {Request | null} newest what is wanted, kept for the next connection; null when nothing is
 * @property {boolean} waiting whether `newest` has not been sent yet
 * @property {number} forgotten replies to messages up to this number are dropped
 * @property {OnReply} onReply
 */

/**
 * What the page asks its questions through, whatever answers them.
 * @typedef {Pick<ReturnType<typeof createChannels>, "channel" | "use" | "isIdle">} Backend
 */

/**
 * Newest wins: one message of each type is in flight, the newest request of each channel waits for its turn, and older
 * requests are dropped. Only what is asked with `now` joins a message in flight. How messages travel is up to `send`.
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

  /** @param {Slot} slot */
  function transmit(slot) {
    const { type, newest } = slot;
    const at = performance.now();
    if (!newest || !send({ ...newest, type, seq: seq + 1, model })) return;
    slot.waiting = false;
    sent.set(++seq, { slot, request: newest, at });
  }

  /**
   * Sends what waits. The slot that was served last goes to the end of the line, so that no question starves another.
   * @param {Slot} [served]
   */
  function flush(served) {
    const line = slots.filter((slot) => slot !== served);
    if (served) line.push(served);
    for (const slot of line) {
      const inFlight = [...sent.values()].some((message) => message.slot.type === slot.type);
      if (slot.waiting && !inFlight) transmit(slot);
    }
  }

  /** No message in flight will be answered any more: all that is wanted has to be sent again. */
  function lose() {
    sent.clear();
    for (const slot of slots) slot.waiting = slot.newest !== null;
  }

  return {
    /**
     * @param {string} type of the messages
     * @param {OnReply} onReply
     */
    channel(type, onReply) {
      /** @type {Slot} */
      const slot = { type, newest: null, waiting: false, forgotten: 0, onReply };
      slots.push(slot);
      return {
        /**
         * @param {Request} request
         * @param {boolean} [now] send even while a reply is awaited: the visitor has lifted the pen
         */
        ask(request, now = false) {
          slot.newest = request;
          slot.waiting = true;
          if (now) transmit(slot);
          else flush();
        },

        /** Nothing is wanted any longer, including what is in flight. */
        forget() {
          slot.newest = null;
          slot.waiting = false;
          slot.forgotten = seq;
        },
      };
    },

    flush: () => flush(),

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
      for (const [number, other] of sent) {
        if (number > message.seq || other.slot.type !== slot.type) continue;
        sent.delete(number);
        // The server keeps one place for each type. A message of another channel has lost it and is sent again.
        if (other.slot !== slot && other.slot.newest === other.request) other.slot.waiting = true;
      }
      flush(slot);
      if (message.type !== "error" && message.seq > slot.forgotten) slot.onReply(message, request, now - at);
    },

    /** @returns {boolean} whether a reply is awaited */
    isAwaiting: () => sent.size > 0,

    /** @returns {boolean} whether all that was asked has been answered */
    isIdle: () => !sent.size && !slots.some((slot) => slot.waiting),
  };
}
