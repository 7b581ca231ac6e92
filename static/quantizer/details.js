// @ts-check

import { createDeferred } from "../core/deferred.js";
import { find, setText } from "../core/dom.js";
import { cellCount } from "../core/grid.js";
import { stageAt } from "../core/levels.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").View} View */

/**
 * The details view: the quantizer's code beside its matrices. Its code comes when it is opened first.
 * @param {HTMLElement} element what holds both the figure and the details
 * @param {import("../core/types.d.ts").Store} store
 * @returns {View}
 */
export function createDetails(element, store) {
  const figure = find(element, ".figure");
  const opened = find(element, ".opened");
  const details = find(opened, ".details");
  const button = find(element, "[data-action=details]");
  const views = createDeferred(store, "details", async () => (await import("./board.js")).create(details, store));

  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let shown = false;

  /** Sizes of the model, for the style sheet. */
  function size() {
    const model = store.get("model");
    if (!model) return;
    const { grid, embedding_dim: depth } = model;
    const sizes = {
      "grid-rows": grid.height,
      "grid-columns": grid.width,
      cells: cellCount(grid),
      channels: depth,
      codes: grid.numEmbeddings,
    };
    for (const [name, count] of Object.entries(sizes)) details.style.setProperty(`--${name}`, String(count));
    // A track cannot take its `fr` from a number.
    details.style.setProperty("--channels-track", `${depth}fr`);
    details.style.setProperty("--codes-track", `${sizes.codes}fr`);
    // Numbers of three digits need wider cells.
    figure.classList.toggle("has-long-codes", sizes.codes > 100);
  }

  function toggle() {
    const open = store.get("details");
    opened.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    setText(find(button, "span"), texts.page[open ? "figure.hide" : "figure.reveal"]);
    if (!open) store.set("entry", null);
    // Scrolls only when the visitor opens the details; `scroll-padding-top` leaves room for the compact figure.
    else if (shown && !store.get("scene")) details.scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
    shown = true;
  }

  /** The figure is compact while a section below it is open that is used while drawing. */
  function shrink() {
    figure.classList.toggle("is-compact", store.get("compact"));
  }

  /** Highlights the part of the figure whose stage is selected, as a whole or in a view among the details. */
  function frameParts() {
    const selection = store.get("selection");
    const framed = selection && (store.get("details") || (!selection.cell && selection.code === null));
    const stage = framed ? stageAt(selection.stage, store.get("readAt")) : undefined;
    for (const part of element.querySelectorAll(".part[data-stage]")) part.classList.toggle("is-linked", part.getAttribute("data-stage") === stage);
  }

  return {
    read: views.read,
    update(changed) {
      if (changed.has("compact")) shrink();
      if (changed.has("details")) toggle();
      if (changed.has("model")) size();
      if (anyChanged(changed, ["details", "selection"])) frameParts();
      views.update(changed);
    },
  };
}
