// @ts-check

import { equal, holds, ok, throws } from "./assert.js";
import { pointIn, stroke } from "./drawings.js";
import { decode, encode, snap, visible } from "../../static/drawing/strokes.js";
import { rasterize } from "../../static/drawing/ink.js";

/** @typedef {import("../../static/core/types.d.ts").Step} Step */

/** @param {number[]} bytes */
const text = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/**
 * @param {() => number} random
 * @returns {Step[]}
 */
function drawing(random) {
  return Array.from({ length: Math.floor(6 * random()) }, () => {
    const points = Array.from({ length: 1 + Math.floor(40 * random()) }, () => {
      const [x, y] = pointIn(random, -20, 40);
      return /** @type {import("./drawings.js").Point} */ ([snap(x), snap(y)]);
    });
    return stroke(points, snap(0.5 + 5 * random()), random() < 0.3);
  });
}

Deno.test("points are snapped to a sixteenth of a pixel", () => {
  equal([0, 1, 3.06, -2.97, 27.9999].map(snap), [0, 1, 3.0625, -3, 28]);
  holds(200, (random) => {
    const value = 200 * random() - 100;
    ok(Math.abs(snap(value) - value) <= 1 / 32, `${value} is snapped to ${snap(value)}`);
    ok(Number.isInteger(16 * snap(value)), `${snap(value)} cannot be stored`);
  });
});

Deno.test("only what follows the last clear is visible", () => {
  const [a, b, c] = [1, 2, 3].map((x) => stroke([[x, x]]));
  /** @type {Step} */
  const clear = { kind: "clear" };
  equal(visible([]), []);
  equal(visible([a, b]), [a, b]);
  equal(visible([a, clear, b, clear, c]), [c]);
  equal(visible([a, clear]), []);
});

Deno.test("the layout of the text", () => {
  equal(encode([]), "");
  // Version 1; radius 20/16; one point; 16 and 32 sixteenths, doubled by zigzag. RFC 4648 by hand.
  equal(encode([stroke([[1, 2]])]), "ARQBIEA");
  equal(encode([stroke([[1, 2]])]), text([1, 20, 1, 32, 64]));
  // Steps from point to point: +150 sixteenths is 300 as zigzag, 0xAC 0x02 as varint; −2 is 3.
  equal(encode([stroke([[1, 2], [10.375, 1.875]], 1, true)]), text([1, 16 | 128, 2, 32, 64, 0xAC, 0x02, 3]));
});

Deno.test("what is decoded is what was drawn, to the pixel", () => {
  holds(100, (random) => {
    const steps = drawing(random);
    equal(decode(encode(steps)), steps);
    equal(rasterize(decode(encode(steps))), rasterize(steps));
  });
});

Deno.test("the widest pen is not taken for an eraser", () => {
  equal(decode(encode([stroke([[5, 5]], 40)])), [stroke([[5, 5]], 127 / 16)]);
  equal(decode(encode([stroke([[5, 5]], 40, true)])), [stroke([[5, 5]], 127 / 16, true)]);
});

Deno.test("what was cleared is not stored", () => {
  const after = stroke([[5, 5], [6, 7]]);
  equal(decode(encode([stroke([[1, 1]]), { kind: "clear" }, after])), [after]);
  equal(encode([after, { kind: "clear" }]), "");
});

Deno.test("the text can stand in an address as it is", () => {
  holds(50, (random) => {
    const written = encode(drawing(random));
    ok(/^[A-Za-z0-9_-]*$/.test(written), written);
    equal(new URLSearchParams(`drawing=${written}`).get("drawing"), written);
  });
});

Deno.test("a page full of strokes fits an address", () => {
  // What a hand leaves: a point every third of a pixel.
  const rows = Array.from({ length: 12 }, (_, row) => {
    const points = Array.from(
      { length: 66 },
      (_, n) => /** @type {import("./drawings.js").Point} */ ([snap(3 + n / 3), snap(3 + 2 * row + Math.sin(n))]),
    );
    return stroke(points);
  });
  ok(encode(rows).length < 4000, `${encode(rows).length} characters`);
});

Deno.test("invalid texts are refused", () => {
  for (
    const [damaged, pattern] of /** @type {[string, RegExp][]} */ ([
      ["%%%", /base64|decode/i],
      ["é", /base64|decode/i],
      ["<script>alert(1)</script>", /base64|decode/i],
      ["AAAA", /another version/],
      [text([2, 20, 1, 32, 64]), /another version/],
      [text([1, 20]), /cut short/],
      [text([1, 20, 1, 32]), /cut short/],
      [text([1, 20, 2, 32, 64]), /cut short/],
      [text([1, 20, 0]), /no points/],
      [text([1, 20, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]), /too long/],
      // 100,001 points are announced: refused before they are read.
      [text([1, 20, 0xA1, 0x8D, 0x06]), /too many/],
      // 112 pixels are 1,792 sixteenths; one sixteenth more is 3,586 as zigzag.
      [text([1, 20, 1, 0x82, 0x1C, 0]), /off the paper/],
      [text([1, 20, 1, 0, 0x81, 0x1C]), /off the paper/],
      // Small steps that add up.
      [text([1, 20, 3, 0x80, 0x10, 0, 0x80, 0x10, 0, 0, 0]), /off the paper/],
    ])
  ) throws(() => decode(damaged), pattern, damaged);
});

Deno.test("the edge of the paper, no stroke and no radius", () => {
  equal(decode(text([1, 20, 1, 0x80, 0x1C, 0])), [stroke([[112, 0]])]);
  equal(decode(text([1])), []);
  equal(decode(text([1, 0, 1, 0, 0])), [stroke([[0, 0]], 1 / 16)]);
});

Deno.test("a damaged text is refused or is some drawing on the paper", () => {
  let refused = 0;
  holds(400, (random) => {
    const written = encode([stroke([[3, 3]]), ...drawing(random)]);
    const at = Math.floor(written.length * random());
    const letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_%"[Math.floor(65 * random())];
    const damaged = random() < 0.3 ? written.slice(0, at) : written.slice(0, at) + letter + written.slice(at + 1);
    let steps;
    try {
      steps = decode(damaged);
    } catch (error) {
      ok(error instanceof Error, `${error}`);
      refused++;
      return;
    }
    for (const step of steps) {
      ok(step.kind === "stroke" && step.points.length > 0 && step.radius > 0, "no stroke");
      ok(step.points.flat().every((value) => Math.abs(value) <= 112), "off the paper");
    }
  });
  ok(refused > 50, `only ${refused} of 400 were refused`);
});
