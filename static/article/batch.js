// @ts-check

import { find, make, setText } from "../core/dom.js";
import { createQueue } from "../core/queue.js";
import { perplexityOf, usedOf } from "../core/usage.js";
import { say } from "./says.js";

/** Pictures in a batch; the last is all that are counted. */
const SIZES = [1, 4, 16, 128];

/**
 * Codes used and perplexity, as means over all whole batches of a size.
 * @param {number[][]} codes of each picture
 * @param {number} size of a batch
 * @param {number} codebook size
 * @returns {{ used: number, perplexity: number }}
 */
export function usageInBatches(codes, size, codebook) {
  const batches = Math.floor(codes.length / size);
  let [used, perplexity] = [0, 0];
  for (let batch = 0; batch < batches; batch++) {
    const counts = Array(codebook).fill(0);
    const all = codes.slice(batch * size, (batch + 1) * size).flat();
    for (const code of all) counts[code]++;
    const shares = counts.map((count) => count / all.length);
    used += usedOf(shares);
    perplexity += perplexityOf(shares);
  }
  return { used: used / batches, perplexity: perplexity / batches };
}

/**
 * Perplexity in batches of several sizes. The pictures are traced when the visitor asks for it.
 * @param {HTMLElement} element
 * @param {import("./article.js").Needs} needs
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, { store, question, pictures }) {
  const button = find(element, "button", HTMLButtonElement);
  const table = find(element, "table");
  const caption = find(element, "figcaption");
  const queue = /** @type {typeof createQueue<import("../core/types.d.ts").TraceReply>} */ (createQueue)(question, "trace");
  button.addEventListener("click", count);

  function clear() {
    queue.clear();
    button.disabled = false;
    table.hidden = true;
    setText(caption, "");
  }

  async function count() {
    const model = store.get("model");
    if (!model) return;
    clear();
    button.disabled = true;
    const replies = await Promise.all(
      pictures().slice(0, SIZES[SIZES.length - 1]).map((pixels) => queue.ask({ pixels, stages: [], variant: "normal" })),
    );
    button.disabled = false;
    const codes = replies.flatMap((reply) => reply ? [reply.indices.flat()] : []);
    if (codes.length < replies.length) {
      setText(caption, caption.dataset.failed ?? "");
      return;
    }
    const size = model.grid.numEmbeddings;
    find(table, "tbody").replaceChildren(...SIZES.map((pictures) => {
      const { used, perplexity } = usageInBatches(codes, pictures, size);
      const head = make("th", "", String(pictures));
      head.scope = "row";
      const bar = make("span", "bar");
      bar.style.setProperty("--share", String(perplexity / size));
      return make("tr", "", head, make("td", "", used.toFixed(1)), make("td", "", perplexity.toFixed(1)), make("td", "", bar));
    }));
    table.hidden = false;
    say(caption, { pictures: codes.length });
  }

  return {
    update(changed) {
      if (changed.has("model")) clear();
    },
  };
}
