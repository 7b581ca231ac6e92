// @ts-check

import { createMath } from "../kernel/math.js";
import { createModel } from "../kernel/model.js";
import { createPrior } from "../kernel/prior.js";
import { createAnswers } from "./answers.js";

/** Runs models in a thread of its own. It is ready when it has chosen how to multiply matrices. */
async function run() {
  const math = await createMath();
  const { add, answer } = createAnswers({
    createModel: (config, tensors) => createModel(config, tensors, math),
    createPrior: (config, tensors) => createPrior(config, tensors, math),
  });
  addEventListener("message", ({ data }) => data.type === "model" ? add(data) : postMessage(answer(data)));
  postMessage({ type: "ready" });
}

run();
