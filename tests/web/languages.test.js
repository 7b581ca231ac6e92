// @ts-check
/// <reference lib="deno.ns" />

/** The Spanish texts say all that the English ones do, with the same values. */

import { equal, ok } from "./assert.js";
import { ARGUMENTS, leaves } from "./sentences.js";
import * as enMain from "../../static/texts/en.js";
import * as enBackward from "../../static/texts/en-backward.js";
import * as enDrawings from "../../static/texts/en-drawings.js";
import * as enGenerate from "../../static/texts/en-generate.js";
import * as enLab from "../../static/texts/en-lab.js";
import * as enLevels from "../../static/texts/en-levels.js";
import * as enQuantizer from "../../static/texts/en-quantizer.js";
import * as enSections from "../../static/texts/en-sections.js";
import * as enTour from "../../static/texts/en-tour.js";
import * as esMain from "../../static/texts/es.js";
import * as esBackward from "../../static/texts/es-backward.js";
import * as esDrawings from "../../static/texts/es-drawings.js";
import * as esGenerate from "../../static/texts/es-generate.js";
import * as esLab from "../../static/texts/es-lab.js";
import * as esLevels from "../../static/texts/es-levels.js";
import * as esQuantizer from "../../static/texts/es-quantizer.js";
import * as esSections from "../../static/texts/es-sections.js";
import * as esTour from "../../static/texts/es-tour.js";
import english from "../../static/texts/en.json" with { type: "json" };
import spanish from "../../static/texts/es.json" with { type: "json" };

/** Names of the field and of things, and what is the same word in both languages. */
const SAME = new Set([
  ...["shell.title", "shell.language.en", "shell.language.es", "article.family.title", "lab.beta", "article.glossary.bit"],
  ...["article.glossary.prior", "article.glossary.stop", "generate.compress.bits", "sections.columns.bits"],
  ...["shell.meter.kernel", "quantizer.kernel.link", "figure.reconstruction.error", "experiments.error"],
]);
const SYMBOLS = /^[\W\d]*$|^\W*[βγ∂]/;
/** Words that no Spanish sentence has. */
const ENGLISH = /\b(the|of|and|is|are|with|this|from|your|for|which|each|not|codes?|drawing|cells?|digit|loading|row|of)\b/i;

/** Texts and functions of the modules, by their names. */
const en = new Map(leaves({ main: enMain, backward: enBackward, drawings: enDrawings, generate: enGenerate, lab: enLab, levels: enLevels, quantizer: enQuantizer, sections: enSections, tour: enTour }, ""));
const es = new Map(leaves({ main: esMain, backward: esBackward, drawings: esDrawings, generate: esGenerate, lab: esLab, levels: esLevels, quantizer: esQuantizer, sections: esSections, tour: esTour }, ""));

/** @param {string} text @returns {string[]} its placeholders, and what its links lead to */
const parts = (text) => [...text.matchAll(/\{\w+\}|\]\([^)]+\)|`[^`]+`/g)].map(([part]) => part).sort();

/** @param {string} text @returns {string} without the code, names and titles of works in it */
const prose = (text) => text.replace(/\{\w+\}|`[^`]+`|\[[^\]]*\]\(https:[^)]*\)|«Minimal[^»]*»|\]\([^)]*\)|\bfeatures?\b/g, "");

Deno.test("Spanish has every text of English, and no other", () => {
  equal(Object.keys(spanish), Object.keys(english));
  equal([...es.keys()], [...en.keys()]);
  ok(en.size > 250, "most texts were not found");
});

Deno.test("Spanish texts have the types, arguments, placeholders and links of the English ones", () => {
  for (const [name, text] of Object.entries(english)) equal(parts(/** @type {any} */ (spanish)[name]), parts(text), name);
  for (const [name, leaf] of en) {
    const other = es.get(name);
    equal(typeof other, typeof leaf, name);
    if (typeof leaf === "function") equal(/** @type {Function} */ (other).length, leaf.length, name);
    else equal(parts(String(other)), parts(String(leaf)), name);
  }
});

Deno.test("nothing is left in English", () => {
  for (const [name, text] of Object.entries(english)) {
    const translated = /** @type {any} */ (spanish)[name];
    ok(SAME.has(name) || SYMBOLS.test(text) || name.startsWith("article.references.") || translated !== text, `${name}: ${text}`);
    ok(!ENGLISH.test(prose(translated)), `${name}: ${translated}`);
  }
  for (const [name, leaf] of es) {
    if (typeof leaf === "string") ok(!ENGLISH.test(prose(leaf)), `${name}: ${leaf}`);
  }
});

Deno.test("Spanish sentences have no hole, no English word and no wrong plural", () => {
  let tried = 0;
  for (const [name, leaf] of es) {
    const args = ARGUMENTS[name.replace(/^\w+\./, "")];
    if (typeof leaf !== "function" || !args) continue;
    tried++;
    for (const n of [0, 1, 2]) {
      const said = leaf(...args(n));
      const sentence = Array.isArray(said) ? said.join("") : said;
      ok(sentence.length > 0 && !/undefined|NaN|null|\[object|\{\w*\}| {2}/.test(sentence), `${name}: ${sentence}`);
      const plural = /(?<![.\d] ?)\b1 (?:celdas|códigos|filas|elecciones|números|bits)|\b[02] (?:celda|código|fila|elección|número|bit)(?!s|es)\b/;
      ok(!plural.test(sentence), `${name} for ${n}: ${sentence}`);
      ok(!ENGLISH.test(prose(sentence).replace(/features|distances|out of memory|The prior|A sentence|Row|cell \(1, 2\)|Top/g, "")), `${name}: ${sentence}`);
    }
  }
  equal(tried, Object.keys(ARGUMENTS).length);
});
