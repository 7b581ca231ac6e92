// @ts-check

import { createMath } from "../kernel/math.js";
import { createModel } from "../kernel/model.js";
import { createPrior } from "../kernel/prior.js";
import { createAnswers } from "./answers.js";

/** Runs models in a thread of its own. Messages wait until it has chosen how to multiply matrices. */
const answers = createMath().then((math) =>
  createAnswers({
    createModel: (config, tensors) => createModel(config, tensors, math),
    createPrior: (config, tensors) => createPrior(config, tensors, math),
  })
);

addEventListener("message", async ({ data }) => {
  const { add, answer } = await answers;
  if (data.type === "model") add(data);
  else postMessage(data.type === "open" ? { type: "ready" } : answer(data));
});
