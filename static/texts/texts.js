// @ts-check

/** The texts in the language of the page. A second language is a file like en.js, chosen here. */
export * as texts from "./en.js";
