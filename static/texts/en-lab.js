// @ts-check

/** English: what training in the page says, loaded with it. */

import { significant } from "../core/format.js";

const integers = new Intl.NumberFormat("en");

/** @type {Record<"off" | "system" | "pytorch" | "mnist", string>} */
export const hindrances = {
  off: "This server does not train models.",
  system: "Training in the page needs a server on Linux or macOS.",
  pytorch: "To train here, the server needs PyTorch: run pip install 'vqvae-explainer[train]' there, then start it again.",
  mnist:
    "To train here, the server needs the MNIST digits: start it as vqvae-explainer serve --data-dir DIR, where DIR holds " +
    "the folder MNIST/raw. The command vqvae-explainer evaluate downloads them to their usual place.",
};

/** @param {number} seconds */
export const limits = (seconds) =>
  `One model is trained at a time, for at most ${seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`}.`;

export const unreachable = "The server did not answer. Try again when there is a connection.";
export const full = "Too many trainings wait already. Try again in a minute.";

export const stopping = "Stopping.";

export const states = {
  ready: "Starting.",
  starting: "Starting: the server loads PyTorch and the digits.",
  training: "Learning. Draw meanwhile: the model tries whatever is on the pad.",
  measuring: "Measuring the model on 10,000 test digits.",
};

/** @param {number} position */
export const waiting = (position) =>
  position === 0
    ? "Starting."
    : position === 1
    ? "Waiting: one training comes before this one."
    : `Waiting: ${position} trainings come before this one.`;

/** @type {Record<string, string>} */
export const finished = {
  epochs: "Done: the model has seen all training digits ten times.",
  time_limit: "Done: the time is up.",
  stopped: "Stopped. The model is as far as it got.",
};

/** @type {Record<string, string>} */
export const failures = {
  stopped: "Stopped before its turn came.",
  unattended: "The training ended because this page did not ask about it for a while.",
  diverged: "The training failed: its losses grew beyond all bounds.",
  memory: "The training failed: it needed more memory than the server allows.",
  data: "The training failed: the server cannot read its MNIST files. Its log says more.",
  internal: "The training failed. The server’s log says why.",
  ended: "The training ended with its process on the server, which may have run out of memory or been stopped.",
};

/**
 * @param {number} step
 * @param {number} error
 * @param {number} used
 * @param {number} codes
 */
export const progress = (step, error, used, codes) =>
  `Step ${integers.format(step)}: error ${significant(error)}, ${used} of ${codes} codes used.`;

/**
 * @param {object} last snapshot
 * @param {number} last.step
 * @param {number} last.error
 * @param {number} last.used
 * @param {number} last.codes
 * @param {number} last.perplexity
 */
export const facts = ({ step, error, used, codes, perplexity }) =>
  `Step ${integers.format(step)}: error ${significant(error)}, ${used} of ${codes} codes used, perplexity ${perplexity.toFixed(1)}.`;

/**
 * @param {string} title of the recorded model
 * @param {number} error
 * @param {number} perplexity
 */
export const compared = (title, error, perplexity) =>
  `At this step, ${title} had error ${significant(error)} and perplexity ${perplexity.toFixed(1)}.`;
