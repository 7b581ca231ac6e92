// @ts-check

const LENGTH = 8; // bytes of the number before the header

/**
 * Reads a safetensors file: the length of a JSON header as a little-endian uint64, the header, then the numbers
 * (https://huggingface.co/docs/safetensors).
 * @param {ArrayBuffer} file
 * @returns {{ metadata: Record<string, string>, tensors: Record<string, import("../core/types.d.ts").Tensor> }}
 * @throws {Error} when the file is damaged, or holds a tensor of another type than float32
 */
export function parseSafetensors(file) {
  if (file.byteLength < LENGTH) throw damaged("it ends before its header");
  const length = Number(new DataView(file).getBigUint64(0, true));
  if (length > file.byteLength - LENGTH) throw damaged("it ends within its header");
  const { __metadata__: metadata = {}, ...entries } = parseHeader(new Uint8Array(file, LENGTH, length));
  const start = LENGTH + length;
  const numbers = file.slice(start); // aligned for Float32Array
  /** @type {Record<string, import("../core/types.d.ts").Tensor>} */
  const tensors = {};
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = Object(entry);
    if (dtype !== "F32") throw damaged(`${name} is of type ${dtype}, expected F32`);
    if (!Array.isArray(shape) || !Array.isArray(offsets)) throw damaged(`${name} has no shape or no place`);
    const size = shape.reduce((product, n) => product * n, 1);
    const [from, to] = offsets;
    if (!(from >= 0 && from % 4 === 0 && to - from === 4 * size)) throw damaged(`${name} does not fill its shape`);
    if (to > numbers.byteLength) throw damaged(`it ends within ${name}`);
    tensors[name] = { shape, data: new Float32Array(numbers, from, size) };
  }
  return { metadata, tensors };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Record<string, any>}
 */
function parseHeader(bytes) {
  let header;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged("its header is not JSON", error);
  }
  if (typeof header !== "object" || header === null) throw damaged("its header is not a JSON object");
  return header;
}

/**
 * @param {string} problem
 * @param {unknown} [cause]
 */
function damaged(problem, cause) {
  return new Error(`The safetensors file is damaged: ${problem}.`, { cause });
}
