// @ts-check

import { close, equal, holds, ok, throws } from "./assert.js";
import { pack } from "./packing.js";
import { fromBase64, toBase64, toTrace, unpack } from "../../static/core/tensor.js";

Deno.test("base64 is that of RFC 4648", () => {
  const encoder = new TextEncoder();
  for (const [text, coded] of [["", ""], ["f", "Zg=="], ["fo", "Zm8="], ["foo", "Zm9v"], ["foobar", "Zm9vYmFy"]]) {
    equal(toBase64(encoder.encode(text)), coded);
    equal(fromBase64(coded), encoder.encode(text));
  }
  equal(toBase64(Uint8Array.of(251, 255, 0)), "+/8A");
});

Deno.test("every byte survives base64", () => {
  holds(30, (random) => {
    const bytes = Uint8Array.from({ length: Math.floor(1000 * random()) }, () => 256 * random());
    equal(fromBase64(toBase64(bytes)), bytes);
  });
});

Deno.test("a packed tensor: little-endian steps above an offset", () => {
  // 03 00 is 3, 00 01 is 256.
  equal(unpack({ shape: [1, 2], offset: -1, scale: 0.5, data: "AwAAAQ==" }), {
    shape: [1, 2],
    data: Float32Array.of(0.5, 127),
  });
  equal(unpack({ shape: [0, 3], offset: 1, scale: 1, data: "" }).data.length, 0);
});

Deno.test("unpacking gives the values to half a step", () => {
  holds(40, (random) => {
    const shape = [1 + Math.floor(7 * random()), 1 + Math.floor(7 * random()), 1 + Math.floor(4 * random())];
    const size = shape[0] * shape[1] * shape[2];
    const spread = 10 ** (6 * random() - 3);
    const values = Array.from({ length: size }, () => spread * (random() - 0.3));
    const packed = pack(values, shape);
    const tensor = unpack(packed);
    equal(tensor.shape, shape);
    ok(tensor.data instanceof Float32Array, "not of single precision");
    close(tensor.data, values, 0.501 * packed.scale + 1e-6 * spread);
  });
});

Deno.test("data that do not fill the shape are refused", () => {
  const { data } = pack([1, 2, 3, 4, 5, 6], [2, 3]);
  for (const shape of [[2, 2], [7], [6, 2], []]) {
    throws(() => unpack({ shape, offset: 0, scale: 1, data }), /12 bytes cannot be a/, String(shape));
  }
  throws(() => unpack({ shape: [1], offset: 0, scale: 1, data: "AAA=A" }), /base64|decode/i);
  throws(() => unpack({ shape: [1], offset: 0, scale: 1, data: "AA==" }), /1 bytes cannot be a/);
});

Deno.test("a reply becomes a trace with the tensors it carries", () => {
  const pixels = new Uint8Array(784);
  const losses = { reconstruction: 0.1, codebook: 0.2, commitment: 0.3, total: 0.4 };
  const trace = toTrace(
    {
      type: "trace",
      seq: 7,
      model: "m",
      variant: "bypass",
      indices: [[3]],
      losses,
      server_ms: 2.5,
      features: pack([0, 65535, 2], [1, 1, 3]),
      reconstruction: pack([1], [1, 1]),
    },
    pixels,
    12,
  );
  equal(trace, {
    seq: 7,
    model: "m",
    variant: "bypass",
    indices: [[3]],
    losses,
    serverMs: 2.5,
    roundTripMs: 12,
    features: { shape: [1, 1, 3], data: Float32Array.of(0, 65535, 2) },
    distances: undefined,
    reconstruction: { shape: [1, 1], data: Float32Array.of(1) },
    pixels,
    levels: {},
  });
});
