// @ts-check

/** The texts of training in the page in its language. */
export * as texts from "./en-lab.js";
