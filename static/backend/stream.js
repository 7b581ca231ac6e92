// @ts-check

import { toBase64 } from "../core/tensor.js";
import { texts } from "../texts/texts.js";
import { api } from "./api.js";
import { createChannels } from "./channels.js";
import { createConnection } from "./connection.js";

/**
 * The backend that is a server: channels over a WebSocket, messages as JSON.
 * @param {object} options
 * @param {string} options.url
 * @param {(message: string) => void} options.onError
 * @param {(state: import("../core/types.d.ts").Connection, detail: string) => void} options.onState
 * @param {(url: string) => WebSocket} [options.open]
 * @param {() => number} [options.random] from 0 to 1
 * @returns {import("./backend.js").Backend}
 */
export function createStream({ url, onError, onState, open, random }) {
  const channels = createChannels(({ pixels, ...message }) =>
    connection.send(JSON.stringify({ ...message, pixels: pixels && toBase64(/** @type {Uint8Array} */ (pixels)) }))
  );
  const connection = createConnection({
    url,
    onOpen: channels.flush,
    onMessage: receive,
    onLost: channels.lose,
    isAwaiting: channels.isAwaiting,
    onState,
    open,
    random,
  });

  /** @param {string} text */
  function receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      // Reported below.
    }
    if (typeof message !== "object" || message === null) return onError(texts.backend.replyUnreadable);
    if (message.type === "error") onError(texts.backend.errors[message.code] ?? String(message.message));
    channels.receive(message);
  }

  const { channel, use, isIdle } = channels;
  return { channel, use, isIdle, reconnectNow: connection.reconnectNow, scoresFreely: () => true, documents: api };
}
