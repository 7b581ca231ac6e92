// @ts-check

/** @typedef {{ key: string, resolve: (description: any) => void, reject: (error: Error) => void }} Load */

/**
 * A worker that behaves as the server behind a WebSocket does: it is given one message at a time; for each type, the newest of
 * those that wait. It opens when the worker is ready and closes when the worker fails. Besides, the worker loads files.
 * @param {Worker} worker
 */
export function openWorker(worker) {
  /** @type {Map<string, any>} messages that wait, by type */
  const waiting = new Map();
  let working = false;
  /** @type {Load[]} */
  let loads = [];
  /** @type {Set<string>} keys of what the worker has loaded */
  const loaded = new Set();

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
      for (const { reject } of loads) reject(new Error("the worker was stopped"));
      socket.onclose({ code: 1000 });
    },
  };

  function next() {
    if (working || !waiting.size) return;
    const [[type, message]] = waiting;
    waiting.delete(type);
    working = true;
    worker.postMessage(message);
  }

  /** @param {import("./loader.js").LoadReply} reply */
  function settle({ key, error, description }) {
    if (!error) loaded.add(key);
    for (const load of loads.filter((one) => one.key === key)) {
      if (error) load.reject(new Error(error));
      else load.resolve(description);
    }
    loads = loads.filter((one) => one.key !== key);
  }

  worker.onmessage = ({ data }) => {
    if (socket.readyState === 0) {
      socket.readyState = 1;
      socket.onopen();
    }
    if (data.type === "ready") return;
    if (data.type === "loaded") return settle(data);
    working = false;
    next();
    socket.onmessage({ data });
  };
  worker.onerror = worker.onmessageerror = socket.close;
  worker.postMessage({ type: "open" }); // it may have been started long ago

  return {
    socket: /** @type {WebSocket} */ (/** @type {unknown} */ (socket)),

    loaded,

    /**
     * @param {import("./loader.js").LoadRequest} request
     * @returns {Promise<any>} the description of a model
     */
    load: (request) =>
      new Promise((resolve, reject) => {
        loads.push({ key: request.key, resolve, reject });
        worker.postMessage(request);
      }),
  };
}
