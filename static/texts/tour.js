// @ts-check

/** The texts of the tour, which are loaded with it. A second language is a file like en-tour.js, chosen here. */
export * as texts from "./en-tour.js";
