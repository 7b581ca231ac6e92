// @ts-check

/** English: the tour. Labels of buttons stand in “quotation marks”. */

/** @typedef {import("../core/types.d.ts").TourStep} TourStep */

/**
 * Numbers of the model and of what is selected.
 * @typedef {object} Facts
 * @property {number} cells
 * @property {number} codes
 * @property {number} depth
 * @property {number} bits
 * @property {number} pictureBits
 * @property {number} code on the brush, or selected
 * @property {number} users cells that have it
 */

/**
 * A step: its text with what the learner is asked to do has at most 40 words, as has the text with what is said then.
 * @typedef {Record<"title" | "text" | "act" | "done", (facts: Facts) => string>} StepTexts
 */

/**
 * @param {number} n
 * @param {string} noun
 */
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** @type {Record<TourStep, StepTexts>} */
export const steps = {
  "draw": {
    title: () => "Draw a digit",
    text: () => "A neural network reads the pad at every stroke, and the whole page follows.",
    act: () => "Draw a digit, or press one below the pad.",
    done: () => "The network has read it. The next steps look inside, at your own drawing.",
  },
  "patch": {
    title: () => "A patch becomes a vector",
    text: ({ depth }) =>
      `The encoder turns each patch of the drawing into one cell of the features: a vector of ${count(depth, "number")}. ` +
      "A yellow frame shows the patch of the selected cell.",
    act: () => "Click or tap another cell.",
    done: () => "Another patch, another vector.",
  },
  "nearest-code": {
    title: () => "The nearest code",
    text: ({ codes }) =>
      `The codebook holds ${count(codes, "learned vector")}, the codes. Below each stands its squared distance to the ` +
      "vector of your cell. Only the nearest code goes on.",
    act: () => "Click or tap the code with the smallest distance.",
    done: ({ code }) => `Yes, code ${code}. All cells that chose it are lit.`,
  },
  "distance": {
    title: () => "Why one distance wins",
    text: ({ depth }) =>
      `Here is the sum behind one distance. Take the two vectors, square the ${count(depth, "difference")}, and add them up.`,
    act: () => "Click or tap a distance to another code.",
    done: () => "This sum is larger, so this code loses. The smallest sum of a row wins: that is argmin.",
  },
  "bits": {
    title: ({ cells, bits }) => `${count(cells, "number")}, ${count(bits, "bit")}`,
    text: ({ cells, bits, pictureBits }) =>
      `Of your drawing, only ${count(cells, "code number")} are kept. They take ${count(bits, "bit")}. The picture took ` +
      `${pictureBits}.`,
    act: () => "Point at an empty corner of the grid, or tap it.",
    done: ({ code, users }) => `Code ${code} stands in ${count(users, "cell")}. Ink or not, each cell costs the same.`,
  },
  "decode": {
    title: () => "Decoded back",
    text: ({ cells }) =>
      `The decoder sees ${count(cells, "number")} and the codebook, nothing else. From them it draws your digit once more.`,
    act: () => "Press “Difference” to see what it got wrong.",
    done: () => "The colours tell ink that was lost from ink that was added.",
  },
  "paint": {
    title: () => "Paint with a code",
    text: ({ code }) => `Now you write the codes. Code ${code} is on your brush, and the decoder draws what the grid says.`,
    act: () => "Drag across the grid, or press a cell.",
    done: () => "It drew what you wrote. The decoder never sees your drawing, only codes.",
  },
  "bypass": {
    title: () => "Without the quantizer",
    text: ({ codes }) =>
      `What does it cost to round every vector to one of ${count(codes, "code")}? This switch hands the decoder the vectors ` +
      "as they were.",
    act: () => "Press “Bypass the quantizer”.",
    done: () => "Compare the two errors. The gap is the cost of rounding.",
  },
  "straight-through": {
    title: () => "Straight through",
    text: () =>
      "To train the encoder, the error must find a way back to it. But argmin has no gradient. So the gradient is copied " +
      "past it, straight through.",
    act: () => "Press “Straight-through line” to take it out.",
    done: () => "Now no gradient gets to the encoder. It could not learn.",
  },
  "losses": {
    title: () => "What each loss moves",
    text: () =>
      "There are three losses. The first and the last move the encoder, the one between moves the codes. A 0 marks the end " +
      "that a loss leaves alone.",
    act: () => "Point at a loss, or tap it.",
    done: () => "The same loss is lit in the equations and the code above.",
  },
  "collapse": {
    title: () => "A codebook that collapsed",
    text: () =>
      "In the first run a few codes win every cell, and the rest never learn. In the second the codes share the work. A cure: " +
      "move unused codes where they are needed.",
    act: () => "Press “Play”.",
    done: () => "Watch how many codes are in use.",
  },
  "generate": {
    title: () => "Let it write a digit",
    text: () =>
      "So far the model made copies. A second model, the prior, has learned which code comes next. It writes code by code, " +
      "and the decoder draws.",
    act: () => "Choose a digit and press “Play”.",
    done: () => "Nobody draws this one. That was the tour: now the page is yours.",
  },
};

/** Instead of a step, what it needs and this page or model does not have. */
export const missing = {
  patches: "Other models read the drawing patch by patch, this one reads it as a whole. Go on, or choose another model at the top.",
  runs: "A codebook can collapse: a few codes win every cell, and the rest never learn. This page has no record of such a training.",
  prior: "A second model, called the prior, could write digits code by code. No model here has one.",
};

export const card = {
  /**
   * @param {number} n
   * @param {number} all
   */
  place: (n, all) => `${n} of ${all}`,
  back: "Back",
  next: "Next",
  skip: "Skip",
  finish: "Finish",
  show: "Show me",
  close: "Close the tour",
  /**
   * @param {number} n
   * @param {number} all
   * @param {string} title
   * @param {string[]} sentences
   */
  spoken: (n, all, title, sentences) => `Tour, step ${n} of ${all}: ${title}. ${sentences.join(" ")}`,
};
