// @ts-check

import { close, equal, holds, ok } from "./assert.js";
import {
  createPalette,
  DIFFERENCE,
  differenceColor,
  GREYS,
  cellColors,
  inkOn,
  luminance,
  oklch,
  shade,
} from "../../static/core/colors.js";

/** @typedef {[red: number, green: number, blue: number]} Rgb */

/** @param {string} css @returns {Rgb} */
const parse = (css) => /** @type {Rgb} */ ((css.match(/\d+/g) ?? []).map(Number));

/** @param {number} packed @returns {Rgb} as ImageData stores it: red, green, blue, alpha */
function unpackColor(packed) {
  const [red, green, blue, alpha] = new Uint8Array(Uint32Array.of(packed).buffer);
  equal(alpha, 255, "a pixel that is not opaque");
  return [red, green, blue];
}

/** @param {number} value @returns {number} sRGB to linear light */
const linear = (value) => value <= 10.314 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;

/**
 * sRGB to OKLCH, through XYZ: the matrices of CSS Color 4, the other way round than the page goes.
 * @param {Rgb} rgb
 */
function toOklch(rgb) {
  const [r, g, b] = rgb.map(linear);
  const x = 0.4123908 * r + 0.3575843 * g + 0.1804808 * b;
  const y = 0.2126390 * r + 0.7151687 * g + 0.0721923 * b;
  const z = 0.0193308 * r + 0.1191948 * g + 0.9505322 * b;
  const l = Math.cbrt(0.8190224 * x + 0.3619063 * y - 0.1288737 * z);
  const m = Math.cbrt(0.0329836 * x + 0.9292868 * y + 0.0361446 * z);
  const s = Math.cbrt(0.0481771 * x + 0.2642395 * y + 0.6335478 * z);
  const lightness = 0.2104543 * l + 0.7936178 * m - 0.0040720 * s;
  const A = 1.9779985 * l - 2.4285922 * m + 0.4505937 * s;
  const B = 0.0259040 * l + 0.7827718 * m - 0.8086758 * s;
  return { lightness, chroma: Math.hypot(A, B), hue: (Math.atan2(B, A) * 180 / Math.PI + 360) % 360 };
}

/** @param {Rgb} a @param {Rgb} b @returns {number} contrast ratio of WCAG 2, 1 to 21 */
function contrast(a, b) {
  const [low, high] = [a, b].map(([red, green, blue]) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  ).sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

/** @param {string} ink @returns {Rgb} */
const inkColor = (ink) => ink === "#fff" ? [255, 255, 255] : [0, 0, 0];

/** @param {number} count @param {() => number} random @returns {number[]} */
function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor((n + 1) * random());
    [order[n], order[other]] = [order[other], order[n]];
  }
  return order;
}

Deno.test("OKLCH of the primary colours", () => {
  for (
    const [lightness, chroma, hue, rgb] of /** @type {[number, number, number, Rgb][]} */ ([
      [0, 0, 0, [0, 0, 0]],
      [1, 0, 123, [255, 255, 255]],
      [0.627955, 0.257683, 29.2339, [255, 0, 0]],
      [0.86644, 0.294827, 142.4953, [0, 255, 0]],
      [0.452014, 0.313214, 264.052, [0, 0, 255]],
    ])
  ) close(oklch(lightness, chroma, hue), rgb, 1, `oklch(${lightness} ${chroma} ${hue})`);
});

Deno.test("OKLCH there and back", () => {
  holds(200, (random) => {
    const wanted = { lightness: 0.4 + 0.4 * random(), chroma: 0.05 + 0.05 * random(), hue: 360 * random() };
    const rgb = oklch(wanted.lightness, wanted.chroma, wanted.hue);
    if (rgb.some((value) => value === 0 || value === 255)) return;
    const found = toOklch(rgb);
    close([found.lightness, found.chroma], [wanted.lightness, wanted.chroma], 0.01);
    close(Math.abs((found.hue - wanted.hue + 540) % 360 - 180), 0, 3);
  });
});

Deno.test("luminance and ink", () => {
  close(luminance([255, 255, 255]), 1, 1e-9);
  equal(luminance([0, 0, 0]), 0);
  // #767676 is the darkest grey on white that WCAG calls readable.
  close(1.05 / (luminance([0x76, 0x76, 0x76]) + 0.05), 4.54, 0.005);
  for (let n = 0; n < 256; n++) {
    const [black, white] = [contrast([n, n, n], [0, 0, 0]), contrast([n, n, n], [255, 255, 255])];
    equal(inkOn([n, n, n]), black >= white ? "#000" : "#fff", `grey ${n}`);
  }
});

Deno.test("numbers on a code's colour have enough contrast, for codebooks of any size", () => {
  holds(12, (random) => {
    const order = shuffled(1 + Math.floor(512 * random() ** 2), random);
    const { fill, packed, ink } = createPalette(order);
    equal([fill.length, packed.length, ink.length], [order.length, order.length, order.length]);
    fill.forEach((css, code) => {
      const rgb = parse(css);
      ok(contrast(rgb, inkColor(ink[code])) >= 4.5, `${ink[code]} on ${css}`);
      equal(unpackColor(packed[code]), rgb);
    });
  });
});

Deno.test("hues follow the order of the codes, and its ends do not look alike", () => {
  holds(5, (random) => {
    const order = shuffled(20, random);
    const { fill } = createPalette(order);
    const hues = order.map((code) => toOklch(parse(fill[code])).hue);
    hues.forEach((hue, place) => {
      // Clipping to sRGB may turn a hue a little.
      close(hue, 20 + (310 * place) / 20, 6, `place ${place}`);
    });
  });
});

Deno.test("neighbours differ in lightness, too", () => {
  const order = Array.from({ length: 64 }, (_, n) => n);
  const { fill } = createPalette(order);
  for (let n = 1; n < 64; n++) {
    const [a, b] = [n - 1, n].map((place) => toOklch(parse(fill[place])).lightness);
    ok(Math.abs(a - b) > 0.05, `${fill[n - 1]} and ${fill[n]}`);
  }
  equal(new Set(fill).size, 64);
});

Deno.test("ramps go from dark to light in the code's hue", () => {
  const { ramps } = createPalette(Array.from({ length: 20 }, (_, n) => n));
  ramps.forEach((ramp, code) => {
    const colors = [...ramp].map(unpackColor);
    const lights = colors.map((rgb) => toOklch(rgb).lightness);
    equal(ramp.length, 256);
    for (let n = 1; n < 256; n++) ok(lights[n] >= lights[n - 1] - 0.004, `code ${code}, step ${n} is darker`);
    ok(lights[0] < 0.15 && lights[255] > 0.9, `code ${code} goes from ${lights[0]} to ${lights[255]}`);
    // Readable at every step.
    for (const rgb of colors) ok(contrast(rgb, inkColor(inkOn(rgb))) >= 4.5, String(rgb));
    close(toOklch(colors[150]).hue, 20 + (310 * code) / 20, 6, `code ${code}`);
  });
});

Deno.test("a large codebook has at most 64 ramps, shared by neighbours", () => {
  const order = Array.from({ length: 512 }, (_, n) => 511 - n);
  const { ramps } = createPalette(order);
  equal(new Set(ramps).size, 64);
  order.forEach((code, place) => ok(ramps[code] === ramps[order[place - place % 8]], `place ${place}`));
});

Deno.test("the grey scale", () => {
  equal(GREYS.length, 256);
  GREYS.forEach((packed, n) => equal(unpackColor(packed), [n, n, n]));
});

Deno.test("shades", () => {
  const scale = { low: -2, high: 2 };
  equal([-3, -2, -1, 0, 1, 2, 5].map((value) => shade(value, scale)), [0, 0, 64, 128, 191, 255, 255]);
  equal(shade(7, { low: 7, high: 7 }), 128, "one value only: neither black nor white");
});

Deno.test("a number in a cell is written in the ink that can be read on it", () => {
  equal(cellColors(GREYS, 0), ["rgb(0 0 0)", "#fff"]);
  equal(cellColors(GREYS, 255), ["rgb(255 255 255)", "#000"]);
  holds(40, (random) => {
    const rgb = /** @type {Rgb} */ ([0, 1, 2].map(() => Math.floor(256 * random())));
    const [red, green, blue] = rgb;
    const ramp = new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer);
    equal(cellColors(ramp, 0), [`rgb(${red} ${green} ${blue})`, inkOn(rgb)]);
  });
});

Deno.test("a difference's sign is its hue, its size the lightness", () => {
  equal(unpackColor(differenceColor(0)), [0, 0, 0]);
  const { lost, added, unchanged } = DIFFERENCE;
  equal([differenceColor(-1), differenceColor(1), differenceColor(0, 1)].map(unpackColor), [lost, added, unchanged]);
  equal(differenceColor(-1, 1), differenceColor(-1), "a whole difference hides it");
  ok(lost[0] > lost[2] && added[2] > added[0], "what is lost is warm, what is added is cool");
  for (const sign of [-1, 1]) {
    const end = sign < 0 ? lost : added;
    for (const size of [0.01, 0.04, 0.25, 0.64]) {
      close(
        unpackColor(differenceColor(sign * size)),
        end.map((value) => value * Math.sqrt(size)),
        0.5,
        `${sign * size}`,
      );
    }
    equal(differenceColor(3 * sign), differenceColor(sign), "clipped");
  }
});

Deno.test("differences stand out from the background, and whole ones from unchanged ink", () => {
  for (const input of [0, 0.5, 1]) {
    for (const size of [0.3, 0.6, 1]) {
      for (const sign of [-1, 1]) {
        const rgb = unpackColor(differenceColor(sign * size, input));
        ok(contrast(rgb, [0, 0, 0]) >= 3, `${sign * size} of ${input} on black`);
      }
    }
  }
  const unchanged = unpackColor(differenceColor(0, 1));
  ok(contrast(unchanged, [0, 0, 0]) >= 3, "unchanged ink on black");
  for (const sign of [-1, 1]) ok(contrast(unpackColor(differenceColor(sign)), unchanged) >= 3, `${sign} on unchanged ink`);
  const [lost, added] = [unpackColor(differenceColor(-1)), unpackColor(differenceColor(1))].map(toOklch);
  ok(Math.abs(lost.hue - added.hue) > 90 && lost.lightness - added.lightness > 0.1, "told apart without hues, too");
});
