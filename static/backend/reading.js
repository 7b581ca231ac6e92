// @ts-check

/** The first two bytes of gzip. */
const GZIP = [0x1f, 0x8b];

/**
 * A file's address; or its content, if the page contains it.
 * @typedef {string | Uint8Array<ArrayBuffer>} Source
 */

/**
 * @param {Source} source of a file, perhaps compressed: static hosts do not compress every type
 * @param {(address: string) => Promise<Response>} [get]
 * @returns {Promise<ArrayBuffer>}
 * @throws {Error} when it cannot be loaded
 */
export async function readBytes(source, get = (address) => fetch(address)) {
  const content = typeof source === "string" ? await download(source, get) : source;
  return GZIP.every((byte, n) => content[n] === byte) ? await decompress(content) : content.buffer;
}

/**
 * @param {Source} source
 * @param {(address: string) => Promise<Response>} [get]
 * @returns {Promise<any>}
 * @throws {Error} when it cannot be loaded, or is not JSON
 */
export async function readJson(source, get) {
  return JSON.parse(new TextDecoder().decode(await readBytes(source, get)));
}

/**
 * @param {string} address
 * @param {(address: string) => Promise<Response>} get
 */
async function download(address, get) {
  const response = await get(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

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
