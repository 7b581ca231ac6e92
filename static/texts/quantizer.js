// @ts-check

/** The sentences about the vector quantizer, which come with it; see `texts.js`. */
export { quantizer } from "./en-quantizer.js";
