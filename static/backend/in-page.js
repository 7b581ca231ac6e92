// @ts-check

import { parseSafetensors } from "../kernel/safetensors.js";
import { texts } from "../texts/texts.js";
import { createChannels } from "./channels.js";
import { createConnection } from "./connection.js";
import { openWorker } from "./worker-socket.js";

/**
 * A model's configuration and tensors, and those of its prior once they are here.
 * @typedef {object} Weights
 * @property {any} config
 * @property {Record<string, import("../core/types.d.ts").Tensor>} tensors
 * @property {import("./check.js").Check} check
 * @property {{ config: any, tensors: Record<string, import("../core/types.d.ts").Tensor>, codeUsage: number[] }} [prior]
 */

/** The messages that a prior answers. */
const OF_PRIOR = new Set(["sample", "score", "compress"]);

/**
 * The backend of an exported page: the channels' messages go to a worker that runs the model, and a model's files are loaded
 * when it is first described.
 * @param {object} options
 * @param {import("./files.js").Site} options.site
 * @param {(name: string) => Promise<ArrayBuffer>} options.bytes of a file
 * @param {(name: string) => Promise<any>} options.json of a file
 * @param {() => Worker} options.startWorker
 * @param {() => void} options.onFirstAnswer
 * @param {(message: string) => void} options.onError
 * @param {(state: import("../core/types.d.ts").Connection, detail: string) => void} options.onState
 * @param {() => number} [options.random] from 0 to 1
 * @returns {import("./backend.js").Backend}
 */
export function createInPage({ site, bytes, json, startWorker, onFirstAnswer, onError, onState, random }) {
  /** @type {Map<string, Weights>} of the models whose files are here */
  const loaded = new Map();
  /** @type {Map<string, import("../core/types.d.ts").ModelDetail>} by name; the files of an export never change */
  const described = new Map();
  /** @type {WebSocket | null} */
  let socket = null;
  let answered = false;

  /** @type {Set<string>} models whose prior is being loaded */
  const loading = new Set();

  // A message waits until the files that it needs are here, so the time of a download is not that of an answer.
  const channels = createChannels((message) => isLoaded(message) && connection.send(message));
  const connection = createConnection({
    url: "",
    open: () => socket = openWorker(startWorker, (name) => loaded.get(name)),
    onOpen: channels.flush,
    onMessage: receive,
    onLost: channels.lose,
    isAwaiting: channels.isAwaiting,
    onState: (state) => onState(state, texts.inPage[state]),
    random,
  });

  /** @param {any} message to the worker */
  function isLoaded({ type, model }) {
    const weights = loaded.get(model);
    if (!weights || !OF_PRIOR.has(type) || weights.prior) return Boolean(weights);
    if (!loading.has(model)) loadPrior(model);
    return false;
  }

  /**
   * A prior is loaded when it is asked first: most visitors only draw.
   * @param {string} name
   */
  async function loadPrior(name) {
    loading.add(name);
    try {
      const [card, file] = await Promise.all([json(`${name}.prior.json`), bytes(`${name}.prior.safetensors.gz`)]);
      const { metadata, tensors } = parseSafetensors(file);
      const prior = { config: JSON.parse(metadata.config), tensors, codeUsage: card.code_usage };
      loaded.set(name, { .../** @type {Weights} */ (loaded.get(name)), prior });
    } catch {
      onError(texts.generate.priorMissing);
    }
    loading.delete(name);
    if (loaded.get(name)?.prior) channels.flush();
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

  /**
   * @param {string} name
   * @returns {Promise<import("../core/types.d.ts").ModelDetail>}
   * @throws {Error} when a file cannot be loaded
   */
  async function load(name) {
    const [{ detail, check }, weights] = await Promise.all([json(`${name}.detail.json`), bytes(`${name}.safetensors.gz`)]);
    const { metadata, tensors } = parseSafetensors(weights);
    loaded.set(name, { config: JSON.parse(metadata.config), tensors, check });
    return { ...detail, embeddings: toRows(tensors["quantizer.embeddings"]) };
  }

  const { channel, use, isIdle } = channels;
  return {
    channel,
    use,
    isIdle,
    reconnectNow: connection.reconnectNow,
    // A prior is as large as its model.
    scoresFreely: (name) => Boolean(loaded.get(name)?.prior),
    documents: {
      listModels: () => Promise.resolve(site),

      async describeModel(name) {
        try {
          const model = described.get(name) ?? await load(name);
          described.set(name, model);
          return model;
        } catch (error) {
          // Without any model there is nothing to show: try again as after a lost connection.
          if (!loaded.size) socket?.close();
          throw error;
        }
      },

      loadPlayback: (name) => json(`${name}.playback.json`),

      loadPrior: (name) => json(`${name}.prior.json`),
    },
  };
}

/**
 * @param {import("../core/types.d.ts").Tensor} matrix
 * @returns {number[][]} with the fewest digits that identify each number, as a server writes them
 */
function toRows({ shape: [rows, columns], data }) {
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns), shortest));
}

/** @param {number} value a float32 */
function shortest(value) {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
