// @ts-check

import { copyText } from "./clipboard.js";
import { find } from "./dom.js";
import { MATRICES, toCsv } from "./matrices.js";
import { createPlaces } from "./places.js";
import { touches } from "./store.js";
import { create as createArithmetic } from "./views/arithmetic.js";
import { create as createCode } from "./views/code.js";
import { create as createLegend } from "./views/legend.js";
import { create as createLens } from "./views/lens.js";
import { create as createMatrix } from "./views/matrix.js";
import { create as createReshape } from "./views/reshape.js";
import { create as createWires } from "./views/wires.js";

/** @typedef {import("./types.d.ts").Key} Key */
/** @typedef {import("./types.d.ts").Stage} Stage */
/** @typedef {import("./types.d.ts").View} View */

/**
 * The details view: the quantizer's code beside its matrices. While it is closed its views do nothing at all.
 * @param {HTMLElement} element what holds both the figure and the details
 * @param {import("./types.d.ts").Store} store
 * @returns {View}
 */
export function createDetails(element, store) {
  const opened = find(element, ".opened");
  const details = find(opened, ".details");
  const board = find(details, ".board");
  const button = find(element, "[data-action=details]");
  const parts = [...element.querySelectorAll(".part[data-stage]")];
  const places = createPlaces();
  const listening = new AbortController();
  /** @type {View[]} */
  const views = [
    createCode(details, store),
    ...MATRICES.map((matrix) =>
      createMatrix(find(board, `.matrix[data-stage=${matrix.stage}]`), store, places, matrix)
    ),
    createLegend(find(details, ".scale"), store),
    createArithmetic(find(details, ".arithmetic"), store),
    createReshape(find(board, ".flights"), find(details, "[data-action=reshape]"), store, places),
    createLens(find(board, ".lens"), store, places),
    // Last, so that what it measures has been arranged by the others.
    createWires(find(board, "svg.wires", SVGSVGElement), store, places),
  ];
  /** @type {Set<Key>} what the views have not been told while they were closed */
  let missed = new Set();

  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let shown = false;

  /** Sizes of the model, for the style sheet. */
  function size() {
    const model = store.get("model");
    if (!model) return;
    const [height, width, depth] = model.stages.features;
    const sizes = { "grid-rows": height, "grid-columns": width, cells: height * width, channels: depth, codes: model.stages.embeddings[0] };
    for (const [name, count] of Object.entries(sizes)) details.style.setProperty(`--${name}`, String(count));
    // A track cannot take its `fr` from a number.
    details.style.setProperty("--channels-track", `${depth}fr`);
    details.style.setProperty("--codes-track", `${sizes.codes}fr`);
    // Numbers of three digits need wider cells.
    element.classList.toggle("has-long-codes", sizes.codes > 100);
  }

  function toggle() {
    const open = store.get("details");
    opened.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (!open) store.set("entry", null);
    // Opened by hand, the details come into sight under what is kept above them; the style sheet says how high that is.
    else if (shown) details.scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
    shown = true;
  }

  /** Whoever looks at what lies below the figure still draws: the figure shrinks to a row that stays in sight. */
  function shrink() {
    const small = store.get("details") || store.get("health");
    element.dataset.details = small ? "open" : "closed";
    document.documentElement.classList.toggle("has-details", small);
  }

  /** The summary's parts take part in the linking. */
  function frameParts() {
    const stage = store.get("details") ? store.get("selection")?.stage : undefined;
    for (const part of parts) part.classList.toggle("is-linked", part.getAttribute("data-stage") === stage);
  }

  /** @param {Stage} stage */
  async function copyCsv(stage) {
    const csv = toCsv(store, stage);
    if (!csv) return;
    const size = `${csv.rows} ${csv.rows === 1 ? "row" : "rows"} of ${csv.columns}`;
    const copied = await copyText(find(document, "dialog.copy", HTMLDialogElement), csv.text);
    if (copied) store.set("notice", { kind: "info", text: `Copied ${stage} as CSV: ${size}.` });
  }

  details.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("[data-action=copy-csv]") : null;
    if (pressed instanceof HTMLElement) copyCsv(/** @type {Stage} */ (pressed.dataset.stage));
  }, { signal: listening.signal });

  return {
    read(changed) {
      if (store.get("details")) for (const view of views) view.read?.(changed);
    },
    update(changed) {
      if (touches(changed, ["details", "health"])) shrink();
      if (touches(changed, ["details"])) toggle();
      if (touches(changed, ["model"])) size();
      if (touches(changed, ["details", "selection"])) frameParts();
      for (const key of changed) missed.add(key);
      if (!store.get("details")) return;
      for (const view of views) view.update(missed);
      missed = new Set();
    },
    destroy() {
      listening.abort();
      for (const view of views) view.destroy();
    },
  };
}
