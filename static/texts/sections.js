// @ts-check

/** The sentences of the sections about the models, which come with them; see `texts.js`. */
export { sections } from "./en-sections.js";
