// @ts-check
/// <reference lib="deno.ns" />

/** The article is easy to read, and as long as it should be. */

import english from "../../static/texts/en.json" with { type: "json" };
import spanish from "../../static/texts/es.json" with { type: "json" };
import { close, equal, ok } from "./assert.js";
import { gradeOf, sentencesOf, wordsOf } from "./reading.js";

/** The eighth school year: 13 to 14 years old. */
const GRADE = 8;
const LONGEST = 28;

/** What is read from beginning to end; not captions, names, glossary or references. */
const PROSE = /^article\..*(\.lead|\.intro|\.\d+|\.answer)$/;
const [TEXTS, IN_SPANISH] = [english, spanish].map((texts) => Object.entries(texts).filter(([name]) => PROSE.test(name)));

Deno.test("the grade of known texts", () => {
  close(gradeOf("The cat sat on the mat."), -1.45, 0.01); // 6 words of one syllable
  ok(gradeOf("Representational discretization necessitates differentiable approximations.") > 20, "long words");
  equal(sentencesOf("See [the view](#show=x). Is `a.b` {n}? Yes: no."), ["See the view.", "Is this 20?", "Yes:", "no."]);
});

Deno.test("each section of the article is plain, and so is every sentence, in Spanish too", () => {
  const sections = Map.groupBy(TEXTS, ([name]) => name.split(".")[1]);
  ok(sections.size >= 13, String([...sections.keys()]));
  for (const [name, texts] of sections) {
    const grade = gradeOf(texts.map(([, text]) => text).join(" "));
    ok(grade <= GRADE, `${name}: grade ${grade.toFixed(1)}`);
  }
  for (const sentence of [...TEXTS, ...IN_SPANISH].flatMap(([, text]) => sentencesOf(text))) {
    ok(wordsOf(sentence).length <= LONGEST, sentence);
  }
});

Deno.test("the article has 1,500 to 2,000 words", () => {
  const words = TEXTS.flatMap(([, text]) => sentencesOf(text).flatMap(wordsOf));
  ok(words.length >= 1500 && words.length <= 2000, String(words.length));
});
