// @ts-check

/**
 * Packs as the server does: the smallest value is 0, the largest 65535.
 * @param {number[]} values
 * @param {number[]} shape
 * @returns {import("../../static/core/types.d.ts").Packed}
 */
export function pack(values, shape) {
  const low = Math.min(...values);
  const scale = (Math.max(...values) - low) / 65535 || 1;
  const bytes = values.flatMap((value) => {
    const level = Math.round((value - low) / scale);
    return [level & 255, level >> 8];
  });
  return { shape, offset: low, scale, data: btoa(String.fromCharCode(...bytes)) };
}
