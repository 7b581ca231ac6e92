// @ts-check

import { find, make, setText } from "../core/dom.js";
import { significant } from "../core/format.js";
import { LOSSES, norm } from "../core/gradients.js";
import { backward } from "../texts/backward.js";

/** @typedef {import("../core/types.d.ts").Loss} Loss */
/** @typedef {"encoder" | "codebook"} End */

/** Range of an arrow's thickness, in pixels. */
const THICKNESS = { least: 2, most: 12 };

/**
 * Which term of the loss moves the encoder and which the codebook, as arrows with the measured gradient lengths.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const body = find(element, "tbody");
  const rows = LOSSES.map((loss) => {
    const head = make("th", "", backward.losses[loss]);
    head.scope = "row";
    head.dataset.term = `${loss}_loss`;
    head.tabIndex = 0;
    const ends = { encoder: makeEnd(loss, "encoder"), codebook: makeEnd(loss, "codebook") };
    body.append(make("tr", "", ends.encoder.cell, head, ends.codebook.cell));
    return { loss, ends };
  });

  /**
   * @param {Loss} loss
   * @param {End} to
   */
  function makeEnd(loss, to) {
    const arrow = make("span", "flow-arrow");
    arrow.setAttribute("aria-hidden", "true");
    const length = make("b", "flow-length", "–");
    const why = make("span", "flow-why");
    const cell = make("td", `flow flow-${to}`, arrow, length, why);
    cell.dataset.flowLoss = loss;
    cell.dataset.flowTo = to;
    return { cell, arrow, length, why };
  }

  return {
    update(changed) {
      const gradients = store.get("gradients");
      if (!gradients || !changed.has("gradients")) return;
      const lengths = rows.map(({ loss }) => ({
        encoder: norm(gradients.features[loss]),
        codebook: norm(gradients.embeddings[loss]),
      }));
      const most = Math.max(...lengths.flatMap(({ encoder, codebook }) => [encoder, codebook]), Number.MIN_VALUE);
      rows.forEach(({ loss, ends }, n) => {
        for (const to of /** @type {const} */ (["encoder", "codebook"])) {
          const { cell, arrow, length, why } = ends[to];
          const value = lengths[n][to];
          cell.dataset.norm = String(value);
          cell.classList.toggle("is-cut", value === 0);
          setText(length, significant(value));
          setText(why, value === 0 ? backward.blocked[loss][to] : "");
          // The square root, since the gradients of the terms differ by orders of magnitude.
          const thickness = THICKNESS.least + (THICKNESS.most - THICKNESS.least) * Math.sqrt(value / most);
          arrow.style.setProperty("--thickness", `${thickness}px`);
        }
      });
    },
  };
}
