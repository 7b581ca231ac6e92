// @ts-check

import { fromBase64 } from "../core/tensor.js";
import { keepForOffline } from "./offline.js";

/**
 * What `vqvae-explainer export-site` writes into the page.
 * @typedef {object} Site
 * @property {string} default name of a model
 * @property {import("../core/types.d.ts").ModelSummary[]} models
 * @property {string} folder of the models' files, relative to the page; empty if the page contains them
 */

/**
 * The files of an exported page: beside it, or in it.
 * @param {Document} page
 * @param {Worker} [started] by boot.js; it is used once
 */
export function createFiles(page, started = Reflect.get(globalThis, "startedWorker")) {
  /** @type {Set<string>} addresses of files that the page, or the worker, has been told to read */
  const used = new Set();

  /** @param {string} name @returns {string | undefined} */
  const embedded = (name) => page.querySelector(`script[data-file="${name}"]`)?.textContent ?? undefined;
  /** @type {Site} */
  const site = JSON.parse(embedded("site.json") ?? "{}");

  return {
    site,

    /** @param {string} name of a file @returns {import("./reading.js").Source} */
    source(name) {
      const text = embedded(name);
      if (text !== undefined) return /** @type {Uint8Array<ArrayBuffer>} */ (fromBase64(text));
      const { href } = new URL(site.folder + name, page.baseURI);
      used.add(href);
      return href;
    },

    /** Called when everything else has been loaded. */
    onFirstAnswer() {
      // A browser without storage, or in a private window, opens the page from the network.
      if (site.folder) keepForOffline(new URL(`${site.folder}../../service-worker.js`, page.baseURI).href, used).catch(console.info);
    },

    /** @returns {Worker} */
    startWorker() {
      const worker = started;
      started = undefined;
      if (worker) return worker;
      const code = embedded("worker.js");
      if (code === undefined) return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      // Browsers do not start modules of a page that was opened from a disk.
      return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    },
  };
}
