// @ts-check

import { texts } from "../texts/texts.js";
import { createChannels } from "./channels.js";
import { createConnection } from "./connection.js";
import { readJson } from "./reading.js";
import { openWorker } from "./worker-socket.js";

/** @typedef {import("./loader.js").LoadRequest["kind"]} Kind */

/** Endings of the files' names: what is known of it, and the weights. */
const FILES = { model: [".detail.json", ".safetensors.gz"], prior: [".prior.json", ".prior.safetensors.gz"] };

/** The messages that a prior answers. */
const OF_PRIOR = new Set(["sample", "score", "compress"]);

/**
 * The backend of an exported page: the channels' messages go to a worker that loads and runs the models, each when it is first
 * described or asked.
 * @param {object} options
 * @param {import("./files.js").Site} options.site
 * @param {(name: string) => import("./reading.js").Source} options.source of a file
 * @param {() => Worker} options.startWorker
 * @param {() => void} options.onFirstAnswer
 * @param {(message: string) => void} options.onError
 * @param {(state: import("../core/types.d.ts").Connection, detail: string) => void} options.onState
 * @param {() => number} [options.random] from 0 to 1
 * @returns {import("./backend.js").Backend}
 */
export function createInPage({ site, source, startWorker, onFirstAnswer, onError, onState, random }) {
  /** @type {Map<string, import("../core/types.d.ts").ModelDetail>} by name; the files of an export never change */
  const described = new Map();
  /** @type {Set<string>} what a message waits for */
  const awaited = new Set();
  /** @type {ReturnType<typeof openWorker>} */
  let worker;
  let answered = false;

  // A message waits until the files that it needs are here, so the time of a download is not that of an answer.
  const channels = createChannels((message) => isLoaded(message) && connection.send(message));
  const connection = createConnection({
    url: "",
    open,
    onOpen: channels.flush,
    onMessage: receive,
    onLost: channels.lose,
    isAwaiting: channels.isAwaiting,
    onState: (state) => onState(state, texts.inPage[state]),
    random,
  });

  function open() {
    awaited.clear();
    worker = openWorker(startWorker());
    return worker.socket;
  }

  /** @param {any} message to the worker */
  function isLoaded({ type, model }) {
    const kind = OF_PRIOR.has(type) && worker.loaded.has(keyOf("model", model)) ? "prior" : "model";
    if (worker.loaded.has(keyOf(kind, model))) return true;
    if (model && !awaited.has(keyOf(kind, model))) loadFor(kind, model);
    return false;
  }

  /**
   * Loads what a message waits for: a prior, when it is asked first, as most visitors only draw; a model, in a new worker.
   * @param {Kind} kind
   * @param {string} name
   */
  async function loadFor(kind, name) {
    awaited.add(keyOf(kind, name));
    try {
      await loadFiles(kind, name);
    } catch {
      if (kind === "prior") onError(texts.models.priorMissing);
    }
    awaited.delete(keyOf(kind, name));
    if (worker.loaded.has(keyOf(kind, name))) channels.flush();
  }

  /**
   * @param {Kind} kind
   * @param {string} name
   * @returns {Promise<any>} the description of a model
   * @throws {Error} when a file cannot be loaded
   */
  async function loadFiles(kind, name) {
    const [document, weights] = FILES[kind].map((ending) => source(name + ending));
    const { load, loaded, socket } = worker;
    try {
      return await load({ type: "load", kind, key: keyOf(kind, name), name, document, weights });
    } catch (error) {
      // Without any model there is nothing to show: try again as after a lost connection.
      if (!loaded.size) socket.close();
      throw error;
    }
  }

  /** @param {any} message of the worker */
  function receive(message) {
    if (message.type === "error") {
      onError(message.code === "unusable" ? texts.inPage.unusable(message.message) : texts.inPage.failed(message.message));
    }
    channels.receive(message);
    if (!answered) onFirstAnswer();
    answered = true;
  }

  const { channel, use, isIdle } = channels;
  return {
    channel,
    use,
    isIdle,
    reconnectNow: connection.reconnectNow,
    // A prior is as large as its model.
    scoresFreely: (name) => worker.loaded.has(keyOf("prior", name)),
    documents: {
      listModels: () => Promise.resolve(site),

      async describeModel(name) {
        const model = described.get(name) ?? await loadFiles("model", name);
        described.set(name, model);
        return model;
      },

      loadPlayback: (name) => readJson(source(`${name}.playback.json`)),

      loadPrior: (name) => readJson(source(`${name}.prior.json`)),

      loadUsage: (name) => readJson(source(`${name}.usage.json`)),
    },
  };
}

/**
 * @param {Kind} kind
 * @param {string} name
 */
function keyOf(kind, name) {
  return `${kind} ${name}`;
}
