// @ts-check

import { createMath } from "../kernel/math.js";
import { createModel } from "../kernel/model.js";
import { createAnswers } from "./answers.js";
import { createLoader } from "./loader.js";

/** Loads models, and runs them in a thread of its own. Questions wait until it has chosen how to multiply matrices. */
const math = createMath();
const answers = math.then((math) =>
  createAnswers({ createModel: (config, tensors) => createModel(config, tensors, math) })
);
const load = createLoader(answers, async ({ config, tensors, codeUsage }) => {
  const { createPrior, createPriorAnswers } = await import("./prior-answers.js");
  return createPriorAnswers(createPrior(config, tensors, await math), codeUsage);
});

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
