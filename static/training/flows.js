// @ts-check

import { find, make, setText } from "../core/dom.js";
import { significant } from "../core/format.js";
import { LOSSES, norm } from "./gradients.js";
import { anyChanged } from "../core/store.js";

/** @typedef {import("../core/types.d.ts").Loss} Loss */
/** @typedef {"encoder" | "codebook"} End */

/**
 * Why nothing arrives at an end.
 * @type {Record<Loss, Record<End, string>>}
 */
const CUT = {
  reconstruction: { encoder: "argmin lets nothing through", codebook: "the straight-through line leads past it" },
  codebook: { encoder: "sg holds the features still", codebook: "every feature is its code already" },
  commitment: { encoder: "every feature is its code already", codebook: "sg holds the codes still" },
};

/** What an arrow's thickness says at least and at most, in pixels. */
const THICKNESS = { least: 2, most: 12 };

/**
 * Which term of the loss pulls at the encoder's side and which at the codebook's, as arrows with measured lengths.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const body = find(element, "tbody");
  const rows = LOSSES.map((loss) => {
    const head = make("th", "", `${loss[0].toUpperCase()}${loss.slice(1)}`);
    head.scope = "row";
    head.dataset.term = `${loss}_loss`;
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
      if (!gradients || !anyChanged(changed, ["gradients"])) return;
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
          setText(why, value === 0 ? CUT[loss][to] : "");
          // By the root, since the terms' pulls differ by orders of magnitude.
          const thickness = THICKNESS.least + (THICKNESS.most - THICKNESS.least) * Math.sqrt(value / most);
          arrow.style.setProperty("--thickness", `${thickness}px`);
        }
      });
    },
    destroy: () => body.replaceChildren(),
  };
}
