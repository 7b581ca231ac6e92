// @ts-check

import { copyText } from "../core/clipboard.js";
import { find } from "../core/dom.js";
import { quantizer } from "../texts/quantizer.js";
import { MATRICES, toCsv } from "./matrices.js";
import { createPositions } from "../core/positions.js";
import { createViews } from "../core/views.js";
import { create as createArithmetic } from "./arithmetic.js";
import { create as createCode } from "./code.js";
import { create as createLegend } from "./legend.js";
import { create as createLens } from "./lens.js";
import { create as createMatrix } from "./matrix.js";
import { create as createPanorama } from "./panorama.js";
import { create as createPeek } from "./peek.js";
import { create as createReshape } from "./reshape.js";
import { create as createWires } from "./wires.js";

/** @typedef {import("../core/types.d.ts").Stage} Stage */

/**
 * The quantizer's code beside its matrices, which can be copied.
 * @param {HTMLElement} details
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(details, store) {
  const board = find(details, ".board");
  const positions = createPositions();
  const views = createViews([
    createCode(details, store),
    ...MATRICES.map((matrix) =>
      createMatrix(find(board, `.matrix[data-stage=${matrix.stage}]`), store, positions, matrix)
    ),
    createLegend(find(details, ".scale"), store),
    createArithmetic(find(details, ".arithmetic"), store),
    createReshape(find(board, ".flights"), find(details, "[data-action=reshape]"), store, positions),
    createLens(find(board, ".lens"), store, positions, find(details, ".board-scroller")),
    createWires(find(board, "svg.wires", SVGSVGElement), store, positions),
    createPanorama(find(details, ".board-scroller"), find(details, ".board-hint"), store, positions),
    createPeek(find(details, ".peek"), store, positions, {
      source: find(details, ".source"),
      scroller: find(details, ".board-scroller"),
    }),
  ]);

  /** @param {Stage} stage */
  async function copyCsv(stage) {
    const csv = toCsv(store.get("matrixSource"), stage);
    if (!csv) return;
    const copied = await copyText(find(document, "dialog.copy", HTMLDialogElement), csv.text);
    if (copied) store.set("notice", { kind: "info", text: quantizer.copied(stage, csv.rows, csv.columns) });
  }

  details.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("[data-action=copy-csv]") : null;
    if (pressed instanceof HTMLElement) copyCsv(/** @type {Stage} */ (pressed.dataset.stage));
  });

  return views;
}
