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
 * Not by a stream of a Blob, which the browser sends through another process.
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {Promise<ArrayBuffer>}
 */
async function decompress(content) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const [decompressed] = await Promise.all([new Response(readable).arrayBuffer(), writer.write(content), writer.close()]);
  return decompressed;
}

/**
 * The files of an exported page: beside it, or in it.
 * @param {Document} page
 * @param {typeof fetch} [get]
 * @param {Record<string, any>} [started] by boot.js: a worker, and responses by address; each is used once
 */
export function createFiles(page, get = (address, options) => fetch(address, options), started = Object(Reflect.get(globalThis, "started"))) {
  /** @param {string} key */
  function take(key) {
    const taken = started[key];
    delete started[key];
    return taken;
  }

  /** @param {string} name @returns {string | undefined} */
  const embedded = (name) => page.querySelector(`script[data-file="${name}"]`)?.textContent ?? undefined;
  /** @type {Site} */
  const site = JSON.parse(embedded("site.json") ?? "{}");

  /** @param {string} name @returns {Promise<Uint8Array<ArrayBuffer>>} */
  async function download(name) {
    const address = new URL(site.folder + name, page.baseURI);
    const response = await (take(address.href) ?? get(address));
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
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
    return await decompress(content);
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
      const worker = take("worker");
      if (worker) return worker;
      const code = embedded("worker.js");
      if (code === undefined) return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      // Browsers do not start modules of a page that was opened from a disk.
      return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    },
  };
}
