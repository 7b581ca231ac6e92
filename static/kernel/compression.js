// @ts-check

/**
 * Packs codes with a prior and an arithmetic coder with exact integers, as explain/compression.py and
 * explain/arithmetic_coding.py do: first the class that gives them the fewest bits, then code by code.
 */

import { cellsOf } from "../core/level-codes.js";
import { CLASSES } from "./prior.js";
import { levelsOf } from "./prior-layout.js";

/** ⌊2^14 · 2^(−n/16)⌋ */
const ROOTS = [
  16384, 15689, 15024, 14387, 13777, 13193, 12633, 12098, 11585, 11094, 10623, 10173, 9741, 9328, 8933, 8554,
];
const STEPS = 23.083120654223414; // 16 / ln 2
const EQUAL = Array(CLASSES).fill(1); // frequencies of the classes

/**
 * @param {import("./types.d.ts").Prior} prior
 * @param {number[]} codes (T,)
 * @param {number[]} classBits (10,), bits of the codes for each class
 * @returns {{ digit: number, bits: string }} bits of "0" and "1"
 */
export function compress(prior, codes, classBits) {
  const digit = classBits.indexOf(Math.min(...classBits));
  const encoder = new Encoder();
  encoder.encode(digit, EQUAL);
  prior.start(digit);
  codes.forEach((code, cell) => encoder.encode(code, frequencies(prior.predict(codes, cell + 1)[0])));
  return { digit, bits: encoder.bits() };
}

/**
 * @param {import("./types.d.ts").Prior} prior
 * @param {string} bits
 * @returns {number[]} (T,), the codes that were packed
 */
export function decompress(prior, bits) {
  const decoder = new Decoder(bits);
  prior.start(decoder.decode(EQUAL));
  const codes = Array(cellsOf(levelsOf(prior.config))).fill(0);
  for (let cell = 0; cell < codes.length; cell++) {
    codes[cell] = decoder.decode(frequencies(prior.predict(codes, cell + 1)[0]));
  }
  return codes;
}

/**
 * @param {Float32Array} logits (K,)
 * @returns {number[]} (K,), integers in proportion to the probabilities, at least 1
 */
export function frequencies(logits) {
  const largest = Math.max(...logits);
  return Array.from(logits, (logit) => {
    const step = Math.floor((largest - logit) * STEPS + 0.5);
    return (ROOTS[step % 16] >> Math.min(Math.floor(step / 16), 15)) + 1;
  });
}

export class Encoder {
  // The interval is [low, low + width) / scale.
  #low = 0n;
  #width = 1n;
  #scale = 1n;

  /**
   * @param {number} symbol
   * @param {number[]} frequencies that the decoder has too
   */
  encode(symbol, frequencies) {
    const total = BigInt(sum(frequencies));
    this.#low = this.#low * total + this.#width * BigInt(sum(frequencies.slice(0, symbol)));
    this.#width *= BigInt(frequencies[symbol]);
    this.#scale *= total;
  }

  /** @returns {string} the shortest binary fraction (its digits) that is inside the interval whatever follows it */
  bits() {
    for (let length = 0;; length++) {
      const low = this.#low << BigInt(length);
      const number = (low + this.#scale - 1n) / this.#scale; // the smallest in the interval or above it
      if ((number + 1n) * this.#scale <= low + (this.#width << BigInt(length))) {
        return length ? number.toString(2).padStart(length, "0") : "";
      }
    }
  }
}

/** Decodes what `Encoder` wrote, whatever follows it. */
export class Decoder {
  // The fraction's place in the interval that is decoded so far is number / scale.
  #number;
  #scale;

  /** @param {string} bits */
  constructor(bits) {
    this.#number = BigInt(`0b${bits || "0"}`);
    this.#scale = 1n << BigInt(bits.length);
  }

  /**
   * @param {number[]} frequencies
   * @returns {number} the next symbol
   */
  decode(frequencies) {
    let end = 0;
    const ends = frequencies.map((frequency) => end += frequency);
    const target = this.#number * BigInt(end);
    const symbol = ends.findIndex((end) => target < BigInt(end) * this.#scale);
    this.#number = target - BigInt(ends[symbol] - frequencies[symbol]) * this.#scale;
    this.#scale *= BigInt(frequencies[symbol]);
    return symbol;
  }
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}
