// @ts-check

/** How easy a text is to read. */

/** @param {string} word */
function syllables(word) {
  const letters = word.toLowerCase().replace(/[^a-z]/g, "");
  const groups = letters.replace(/(?<![aeiouyl])e$/, "").match(/[aeiouy]+/g);
  return Math.max(1, groups?.length ?? 0);
}

/**
 * @param {string} text with links as `[words](target)` and code in backquotes
 * @returns {string[]} its sentences in words
 */
export function sentencesOf(text) {
  const words = text.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1").replace(/`[^`]*`/g, "this").replace(/\{\w+\}/g, "20");
  return words.split(/(?<=[.?!:])\s+/).filter(Boolean);
}

/** @param {string} sentence */
export const wordsOf = (sentence) => sentence.split(/[\s–—]+/).filter((word) => /[\p{L}\d]/u.test(word));

/**
 * The school year in which a text is easy to read (Flesch–Kincaid grade level, Kincaid et al. 1975).
 * @param {string} text
 */
export function gradeOf(text) {
  const sentences = sentencesOf(text);
  const words = sentences.flatMap(wordsOf);
  const parts = words.reduce((sum, word) => sum + syllables(word), 0);
  return 0.39 * (words.length / sentences.length) + 11.8 * (parts / words.length) - 15.59;
}
