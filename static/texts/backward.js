// @ts-check

/** The sentences of a backward pass, which come with it; see `texts.js`. */
export { backward } from "./en-backward.js";
