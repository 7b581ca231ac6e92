// @ts-check

/** Decoding of bytes and tensors. No DOM. */

import { eachLevel } from "./levels.js";

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {DOMException} when the text is not base64
 */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let n = 0; n < binary.length; n++) bytes[n] = binary.charCodeAt(n);
  return bytes;
}

/**
 * @param {import("./types.d.ts").Packed | import("./types.d.ts").Tensor} packed a server's, or that of a model in the page
 * @returns {import("./types.d.ts").Tensor}
 * @throws {RangeError} when the data do not fill the shape
 */
export function unpack(packed) {
  if (packed.data instanceof Float32Array) return /** @type {import("./types.d.ts").Tensor} */ (packed);
  const { shape, offset, scale, data } = /** @type {import("./types.d.ts").Packed} */ (packed);
  const bytes = fromBase64(data);
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== 2 * size) {
    throw new RangeError(`${bytes.length} bytes cannot be a ${shape.join("×")} tensor`);
  }
  const view = new DataView(bytes.buffer);
  const values = new Float32Array(size);
  for (let n = 0; n < size; n++) values[n] = offset + scale * view.getUint16(2 * n, true);
  return { shape, data: values };
}

/**
 * @param {import("./types.d.ts").Tensor} tensor
 * @param {number} row counted over all axes but the last
 * @returns {Float32Array} the vector along the last axis, not copied
 */
export function vectorAt({ shape, data }, row) {
  const depth = shape[shape.length - 1];
  return data.subarray(row * depth, (row + 1) * depth);
}

/**
 * @param {import("./types.d.ts").TraceReply} message
 * @param {Uint8Array | null} pixels the picture it answers
 * @param {number} roundTripMs from request to reply
 * @returns {import("./types.d.ts").Trace}
 */
export function toTrace(message, pixels, roundTripMs) {
  const trace = {
    seq: message.seq,
    model: message.model,
    variant: message.variant,
    losses: message.losses,
    serverMs: message.server_ms,
    roundTripMs,
    reconstruction: message.reconstruction && unpack(message.reconstruction),
    pixels,
  };
  /** @param {(stage: string) => any} read */
  const quantization = (read) => ({
    indices: read("indices"),
    features: read("features") && unpack(read("features")),
    distances: read("distances") && unpack(read("distances")),
  });
  return {
    ...trace,
    ...quantization((stage) => Reflect.get(message, stage)),
    levels: eachLevel(message, "indices", (read) => ({ ...trace, ...quantization(read), levels: {} })),
  };
}

/**
 * @param {import("./types.d.ts").Trace} trace
 * @param {import("./types.d.ts").TraceReply} message
 * @returns {import("./types.d.ts").Trace} the trace with the message's distances
 */
export function withDistances(trace, message) {
  const { distances, levels } = toTrace(message, null, 0);
  const completed = Object.entries(trace.levels).map(([id, level]) => [id, { ...level, distances: levels[id].distances }]);
  return { ...trace, distances, levels: Object.fromEntries(completed) };
}
