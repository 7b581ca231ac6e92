// @ts-check

/** The sentences about the prior, which come with the part that generates; see `texts.js`. */
export { generate } from "./en-generate.js";
