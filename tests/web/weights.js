// @ts-check

/**
 * A safetensors file: the length of a JSON header, the header, float32 values.
 * @param {Record<string, string>} metadata
 * @param {Record<string, { shape: number[], data: number[] }>} tensors
 * @returns {ArrayBuffer}
 */
export function toSafetensors(metadata, tensors) {
  /** @type {Record<string, object>} */
  const header = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end += 4 * data.length] };
  }
  let text = JSON.stringify(header);
  while (new TextEncoder().encode(text).length % 8) text += " ";
  const encoded = new TextEncoder().encode(text);
  const buffer = new ArrayBuffer(8 + encoded.length + end);
  new DataView(buffer).setBigUint64(0, BigInt(encoded.length), true);
  new Uint8Array(buffer).set(encoded, 8);
  const values = Object.values(tensors).flatMap(({ data }) => data);
  new Float32Array(buffer, 8 + encoded.length).set(values);
  return buffer;
}
