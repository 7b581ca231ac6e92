// @ts-check

/**
 * A worker that behaves as the server behind a WebSocket does: it is given one message at a time; for each type, the newest of
 * those that wait. It opens when the worker is ready and closes when the worker fails.
 * @param {() => Worker} start
 * @param {(name: string) => import("./in-page.js").Weights | undefined} weightsOf
 * @returns {WebSocket}
 */
export function openWorker(start, weightsOf) {
  const worker = start();
  /** @type {Map<string, any>} messages that wait, by type */
  const waiting = new Map();
  /** @type {Map<string, unknown>} weights that the worker has, by model */
  const given = new Map();
  let working = false;

  const socket = {
    readyState: 0,
    onopen() {},
    onmessage(/** @type {{ data: any }} */ _event) {},
    onclose(/** @type {{ code: number }} */ _event) {},
    send(/** @type {any} */ message) {
      waiting.set(message.type, message);
      next();
    },
    close() {
      if (socket.readyState === 3) return;
      socket.readyState = 3;
      worker.terminate();
      socket.onclose({ code: 1000 });
    },
  };

  function next() {
    if (working || !waiting.size) return;
    const [[type, message]] = waiting;
    waiting.delete(type);
    working = true;
    const weights = weightsOf(message.model);
    if (given.get(message.model) !== weights) {
      given.set(message.model, weights);
      worker.postMessage({ type: "model", name: message.model, ...weights });
    }
    worker.postMessage(message);
  }

  worker.onmessage = ({ data }) => {
    if (data.type === "ready") {
      socket.readyState = 1;
      socket.onopen();
      return;
    }
    working = false;
    next();
    socket.onmessage({ data });
  };
  worker.onerror = worker.onmessageerror = socket.close;
  worker.postMessage({ type: "open" }); // it may have been started long ago
  return /** @type {any} */ (socket);
}
