// @ts-check

import { texts } from "../texts/texts.js";

/** Waits between attempts to reconnect, in milliseconds: doubling, and spread so that a class does not return at once. */
const BACK_OFF = { first: 300, most: 8000, jitter: 0.4 };

/** A connection on which a reply takes longer than this is lost: a half-open one never reports that it is gone. */
const LOST_MS = 10_000;

/** RFC 6455, "try again later": the server has as many visitors as it can take. */
const FULL = 1013;

/** @typedef {import("../core/types.d.ts").Connection} State */

/**
 * A WebSocket that reconnects by itself.
 * @param {object} options
 * @param {string} options.url
 * @param {() => void} options.onOpen
 * @param {(data: any) => void} options.onMessage
 * @param {() => void} options.onLost
 * @param {() => boolean} options.isAwaiting whether a reply is still to come
 * @param {(state: State, detail: string) => void} options.onState
 * @param {(url: string) => WebSocket} [options.open]
 * @param {() => number} [options.random]
 */
export function createConnection({
  url,
  onOpen,
  onMessage,
  onLost,
  isAwaiting,
  onState,
  open = (address) => new WebSocket(address),
  random = Math.random,
}) {
  /** @type {WebSocket | null} */
  let socket = null;
  let attempts = 0;
  /** @type {number | undefined} */
  let retry;
  /** @type {number | undefined} */
  let watchdog;

  function watch() {
    watchdog ??= setTimeout(() => socket?.close(), LOST_MS);
  }

  function unwatch() {
    clearTimeout(watchdog);
    watchdog = undefined;
  }

  function connect() {
    clearTimeout(retry);
    socket = open(url);
    socket.onopen = () => {
      attempts = 0;
      onState("live", texts.backend.live);
      onOpen();
    };
    socket.onmessage = ({ data }) => {
      unwatch();
      onMessage(data);
      if (isAwaiting()) watch();
    };
    socket.onclose = ({ code }) => {
      socket = null;
      unwatch();
      const wait = Math.min(BACK_OFF.most, BACK_OFF.first * 2 ** attempts++);
      retry = setTimeout(connect, wait * (1 + BACK_OFF.jitter * (2 * random() - 1)));
      onLost();
      onState("offline", code === FULL ? texts.backend.full : texts.backend.offline);
    };
  }

  onState("connecting", texts.backend.connecting);
  connect();

  return {
    /**
     * @param {any} message to which a reply is expected
     * @returns {boolean} whether it could be sent
     */
    send(message) {
      if (socket?.readyState !== 1) return false;
      socket.send(message);
      watch();
      return true;
    },

    /** Skips the wait for the next attempt, for instance when the network or the tab comes back. */
    reconnectNow() {
      if (socket) return;
      attempts = 0;
      connect();
    },
  };
}
