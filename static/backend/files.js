// @ts-check

import { fromBase64 } from "../core/tensor.js";
import { keepForOffline } from "./offline.js";

/** The first two bytes of gzip. */
const GZIP = [0x1f, 0x8b];

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
 * @param {typeof fetch} [get]
 */
export function createFiles(page, get = (address, options) => fetch(address, options)) {
  /** @param {string} name @returns {string | undefined} */
  const embedded = (name) => page.querySelector(`script[data-file="${name}"]`)?.textContent ?? undefined;
  /** @type {Site} */
  const site = JSON.parse(embedded("site.json") ?? "{}");

  /** @param {string} name @returns {Promise<Uint8Array<ArrayBuffer>>} */
  async function download(name) {
    const response = await get(new URL(site.folder + name, page.baseURI));
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /**
   * @param {string} name of a file, perhaps compressed: static hosts do not compress every type
   * @returns {Promise<ArrayBuffer>}
   * @throws {Error} when it cannot be loaded
   */
  async function bytes(name) {
    const text = embedded(name);
    const content = text === undefined ? await download(name) : /** @type {Uint8Array<ArrayBuffer>} */ (fromBase64(text));
    if (!GZIP.every((byte, n) => content[n] === byte)) return content.buffer;
    return await new Response(new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  return {
    site,

    bytes,

    /** @param {string} name @returns {Promise<any>} */
    json: async (name) => JSON.parse(new TextDecoder().decode(await bytes(name))),

    /** Called when everything else has been loaded. */
    onFirstAnswer() {
      // A browser without storage, or in a private window, opens the page from the network.
      if (site.folder) keepForOffline(new URL("service-worker.js", page.baseURI).href).catch(console.info);
    },

    /** @returns {Worker} */
    startWorker() {
      const code = embedded("worker.js");
      if (code === undefined) return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      // Browsers do not start modules of a page that was opened from a disk.
      return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    },
  };
}
