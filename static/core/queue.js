// @ts-check

/** @typedef {import("./types.d.ts").Reply} Reply */

/**
 * Asks the backend; see `question` in `backend/requests.js`.
 * @typedef {ReturnType<typeof import("../backend/requests.js").createRequests>["question"]} Question
 */

/**
 * Questions of one type that are asked one after another. No DOM.
 * @template {Reply} Message
 * @param {Question} question
 * @param {Message["type"]} type
 */
export function createQueue(question, type) {
  /** @type {{ request: import("../backend/channels.js").Request, resolve: (message: Message | null) => void }[]} */
  let waiting = [];
  const one = question(type, settle, () => settle(null));

  /** @param {Message | null} message */
  function settle(message) {
    waiting.shift()?.resolve(message);
    next();
  }

  function next() {
    if (waiting.length) one.ask(waiting[0].request);
  }

  return {
    /**
     * @param {import("../backend/channels.js").Request} request
     * @returns {Promise<Message | null>} null if the backend failed; never resolved if the queue is cleared before the answer
     */
    ask(request) {
      return new Promise((resolve) => {
        waiting.push({ request, resolve });
        if (waiting.length === 1) next();
      });
    },

    /** What waits is not wanted any longer. */
    clear() {
      one.forget();
      waiting = [];
    },
  };
}
