// @ts-check

import { equal, holds, ok } from "./assert.js";
import { dimensions, formatNumber, percent, shortNumber, shortValue, significant } from "../../static/core/format.js";

/** @param {string} text @returns {number} the number that is written */
const read = (text) => Number(text.replace("−", "-"));

Deno.test("figures", () => {
  for (
    const [value, text] of /** @type {[number, string][]} */ ([
      [0, "0.000"],
      [0.01234, "0.012"],
      [0.1, "0.10"],
      [1.005, "1.00"],
      [9.876, "9.88"],
      [10, "10.0"],
      [100, "100"],
      [12.34, "12.3"],
      [123.4, "123"],
      [-0.5, "−0.50"],
      [-123.4, "−123"],
      [-0.00001, "0.000"],
      [NaN, "–"],
      [Infinity, "–"],
    ])
  ) equal(formatNumber(value), text, String(value));
});

Deno.test("a figure is close to its value and short", () => {
  holds(500, (random) => {
    const value = (random() - 0.5) * 10 ** (6 * random() - 2);
    const text = formatNumber(value);
    ok(text.length <= 6, text);
    ok(!text.includes("-"), `${text} has a hyphen for a minus sign`);
    ok(Math.abs(read(text) - value) <= Math.max(0.0005, 0.05 * Math.abs(value)), `${value} is written ${text}`);
  });
});

Deno.test("numbers in narrow cells", () => {
  for (
    const [value, text] of /** @type {[number, string][]} */ ([
      [0, ".000"],
      [0.034, ".034"],
      [0.1, ".10"],
      [0.56, ".56"],
      [1, "1.0"],
      [10, "10"],
      [7.89, "7.9"],
      [12.3, "12"],
      [1234, "1234"],
      [-1e-7, ".000"],
      [NaN, "–"],
    ])
  ) equal(shortNumber(value), text, String(value));
  for (
    const [value, text] of /** @type {[number, string][]} */ ([
      [0, ".00"],
      [0.5, ".50"],
      [-0.5, "−.50"],
      [-1.25, "−1.25"],
      [10, "10.0"],
      [100, "100"],
      [12.34, "12.3"],
      [-123.4, "−123"],
      [-0.001, ".00"],
      [NaN, "–"],
    ])
  ) equal(shortValue(value), text, String(value));
});

Deno.test("shapes", () => {
  equal(dimensions([7, 7, 16]), "7×7×16");
});

Deno.test("shares", () => {
  equal([0, 0.0004, 0.001, 0.1234, 1].map(percent), ["0.0%", "< 0.1%", "0.1%", "12.3%", "100.0%"]);
});

Deno.test("numbers of any size have their significant figures", () => {
  for (
    const [value, text] of /** @type {[number, string][]} */ ([
      [0, "0"],
      [1.2345, "1.23"],
      [-0.012345, "−0.0123"],
      [0.001, "0.00100"],
      [0.00099, "9.9×10⁻⁴"],
      [-0.000000123, "−1.2×10⁻⁷"],
      [1e-12, "1.0×10⁻¹²"],
      [123.4, "123"],
      [NaN, "–"],
      [-Infinity, "–"],
    ])
  ) equal(significant(value), text, String(value));
});
