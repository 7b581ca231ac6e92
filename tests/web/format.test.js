// @ts-check

import { equal, holds, ok } from "./assert.js";
import { addUp, decimalsFor, dimensions, formatNumber, percent, shortNumber, shortValue, significant } from "../../static/core/format.js";

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

/** @param {string} text @param {number} decimals @returns {number} in units of the last decimal, exactly */
function units(text, decimals) {
  const [whole, part = ""] = text.replace("−", "-").split(".");
  equal(part.length, decimals, `${text} has ${decimals} decimals`);
  return Number(whole + part);
}

/** @param {() => number} random @param {number} size @returns {Float32Array} */
const vector = (random, size) => Float32Array.from({ length: size }, () => 4 * random() - 2);

Deno.test("the expansion of a distance adds up as printed", () => {
  // Four decimals would give 4.1424 + 3.8783 − 2 × 4.0067 = 0.0073, and the sum is 0.0072.
  const [f2, e2, fe] = [4.14236, 3.87834, 4.00674];
  const { terms, total } = addUp([f2, e2, fe], f2 + e2 - 2 * fe, { least: 4, most: 5, weights: [1, 1, -2] });
  equal([...terms, total], ["4.14236", "3.87834", "4.00674", "0.00722"]);
  const decimalsUsed = new Set();
  holds(500, (random) => {
    const f = vector(random, 16);
    // A near code and a far one: nearly everything cancels in the near one's sum.
    for (const e of [vector(random, 16), f.map((value) => value + 0.05 * (random() - 0.5))]) {
      let [f2, e2, fe] = [0, 0, 0];
      f.forEach((value, d) => {
        f2 += value * value;
        e2 += e[d] * e[d];
        fe += value * e[d];
      });
      const exact = f2 + e2 - 2 * fe;
      const { terms, total, decimals } = addUp([f2, e2, fe], exact, { least: 4, most: 5, weights: [1, 1, -2] });
      const [a, b, c] = terms.map((term) => units(term, decimals));
      equal(a + b - 2 * c, units(total, decimals), `${terms} ${total}`);
      [f2, e2, fe].forEach((value, n) => ok(Math.abs(read(terms[n]) - value) < 1.5 * 10 ** -decimals, "in the last digit"));
      ok(Math.abs(read(total) - exact) <= 0.501 * 10 ** -decimals, "the sum is rounded to the nearest");
      decimalsUsed.add(decimals);
    }
  });
  equal([...decimalsUsed].sort(), [4, 5], "no more decimals than needed");
});

Deno.test("the squares of all channels add up as printed", () => {
  holds(200, (random) => {
    for (const depth of [16, 64, 256]) {
      const scale = 10 ** (2 * random() - 2);
      const squares = Array.from(vector(random, depth), (value) => scale * value * value);
      const decimals = decimalsFor(Math.max(...squares));
      const exact = squares.reduce((sum, value) => sum + value, 0);
      const { terms, total } = addUp(squares, exact, { least: decimals, most: decimals });
      equal(terms.reduce((sum, term) => sum + units(term, decimals), 0), units(total, decimals));
      terms.forEach((term, d) => ok(Math.abs(read(term) - squares[d]) < 1.001 * 10 ** -decimals, "a neighbour"));
      ok(Math.abs(read(total) - exact) <= 0.501 * 10 ** -decimals, "the sum is rounded to the nearest");
    }
  });
});

Deno.test("the loss adds up as printed, whatever its weights", () => {
  holds(500, (random) => {
    for (const weights of [[1, 0.75], [1, 0.25], [1, 1.25], [4, 1.25], [4, 0.25]]) {
      const losses = [0.1 * random(), 0.1 * random()];
      const exact = weights[0] * losses[0] + weights[1] * losses[1];
      const { terms, total, decimals } = addUp(losses, exact, { least: 4, most: 6, weights });
      const sum = terms.reduce((sum, term, n) => sum + weights[n] * units(term, decimals), 0);
      ok(Math.abs(sum - units(total, decimals)) <= 0.5 + 1e-6, `${terms} give ${total}`);
      ok(Math.abs(read(total) - exact) < 4 * 10 ** -decimals, `${total} is ${exact}`);
    }
  });
});

Deno.test("a total that is not the sum of its terms is left as it is", () => {
  // As if the model's loss had another term.
  equal(addUp([0.01, 0.02], 0.05, { least: 4, most: 6 }), { terms: ["0.0100", "0.0200"], total: "0.0500", decimals: 4 });
});

Deno.test("numbers of a row fit into four characters", () => {
  for (const [size, decimals] of [[0, 3], [0.5, 3], [1, 2], [9, 2], [10, 1], [99, 1], [100, 0], [5000, 0]]) {
    equal(decimalsFor(size), decimals);
  }
});
