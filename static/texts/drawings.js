// @ts-check

/** The sentences of other drawings, which come with what shows them; see `texts.js`. */
export { drawings } from "./en-drawings.js";
