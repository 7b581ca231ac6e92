// @ts-check

/** The sentences about levels, which come with the first model that has several; see `texts.js`. */
export * as texts from "./en-levels.js";
