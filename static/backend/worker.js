// @ts-check

import { createMath } from "../kernel/math.js";
import { createModel } from "../kernel/model.js";
import { createPrior } from "../kernel/prior.js";
import { createAnswers } from "./answers.js";
import { createLoader } from "./loader.js";

/** Loads models, and runs them in a thread of its own. Questions wait until it has chosen how to multiply matrices. */
const answers = createMath().then((math) =>
  createAnswers({
    createModel: (config, tensors) => createModel(config, tensors, math),
    createPrior: (config, tensors) => createPrior(config, tensors, math),
  })
);
const load = createLoader(answers);

/** @param {any} message */
async function reply(message) {
  if (message.type === "load") {
    postMessage(await load(message));
    (await answers).prepare(message.name); // while the page shows what it has been told
  } else {
    const { answer } = await answers;
    postMessage(message.type === "open" ? { type: "ready" } : answer(message));
  }
}

addEventListener("message", ({ data }) => reply(data));
if (self.name) reply(JSON.parse(self.name)); // sooner than messages arrive
