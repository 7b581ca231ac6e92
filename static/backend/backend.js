// @ts-check

import { createFiles } from "./files.js";
import { createInPage } from "./in-page.js";
import { createStream } from "./stream.js";

/**
 * Where answers come from: a server, or a model in the page. Only this folder knows which. `scoresFreely` says whether scores
 * of a model that has a prior need no download.
 * @typedef {Pick<ReturnType<typeof import("./channels.js").createChannels>, "channel" | "use" | "isIdle"> & {
 *   reconnectNow: () => void,
 *   scoresFreely: (name: string) => boolean,
 *   documents: import("./api.js").Documents,
 * }} Backend
 */

/**
 * @param {object} options
 * @param {(message: string) => void} options.onError
 * @param {(state: import("../core/types.d.ts").Connection, detail: string) => void} options.onState
 * @returns {Backend}
 */
export function createBackend(options) {
  if (document.documentElement.dataset.backend === "page") {
    return createInPage({ ...createFiles(document), ...options });
  }
  return createStream({ url: new URL("/ws", location.href.replace(/^http/, "ws")).href, ...options });
}
