// @ts-check

/** Stands for the backend: questions are kept until the test answers them. */
export function fakeQuestions() {
  /** @type {{ type: string, request: any, keep: (message: any, request: any) => void, fail?: (request: any) => void, owner: object }[]} */
  let waiting = [];

  /** @param {string} type */
  function take(type) {
    const at = waiting.findIndex((one) => one.type === type);
    if (at < 0) throw new Error(`no ${type} is asked`);
    return waiting.splice(at, 1)[0];
  }

  async function settle() {
    for (let n = 0; n < 5; n++) await Promise.resolve();
  }

  return {
    /** @type {import("../../static/generate/queue.js").Question} */
    question(type, keep, fail) {
      const owner = {
        /** @param {any} request */
        ask(request) {
          owner.forget();
          waiting.push({ type, request, keep, fail, owner });
        },
        forget() {
          waiting = waiting.filter((one) => one.owner !== owner);
        },
      };
      return owner;
    },

    /** @param {string} type @returns {any[]} what is asked and not answered */
    asked: (type) => waiting.filter((one) => one.type === type).map(({ request }) => request),

    /**
     * Answers the oldest question of a type, and lets its promises go on.
     * @param {string} type
     * @param {object | ((request: any) => object)} reply
     */
    async answer(type, reply) {
      const { request, keep } = take(type);
      keep({ type, model: "a", ...(typeof reply === "function" ? reply(request) : reply) }, request);
      await settle();
    },

    /** Answers the oldest question of a type with an error. @param {string} type */
    async fail(type) {
      const { request, fail } = take(type);
      fail?.(request);
      await settle();
    },
  };
}
