// @ts-check

/** The texts in the language of the page. Of the page in another language, such a module exports from es.js. */
export * as texts from "./en.js";
