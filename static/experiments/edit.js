// @ts-check

import { createChip } from "../core/chip.js";
import { codePictures } from "../core/code-pictures.js";
import { meanSquaredError } from "../core/derived.js";
import { find, hide, make, setText } from "../core/dom.js";
import { countChanged, recode } from "../core/edits.js";
import { step } from "../core/grid.js";
import { hover } from "../core/selection.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/**
 * The tool that edits codes: a palette of all codes and a summary of the changes. Either pick a code and paint cells with
 * it, or pin a cell and pick its code.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const hint = find(element, ".edit-hint");
  const status = find(element, ".edit-status");
  const reset = find(element, "[data-action=edit-reset]");
  const palette = find(element, ".palette");
  /** @type {HTMLButtonElement[]} */
  let buttons = [];
  /** Whether the model's own codes came back because the visitor drew. */
  let returned = false;
  let wasEdited = false;
  /** Whether the palette belongs to another model. It is built only when the tool is shown. */
  let stale = true;

  /** @returns {import("../core/types.d.ts").Cell | null} the cell that a code from the palette goes to */
  const target = () => store.get("brushCode") === null && store.get("pinned") ? store.get("selection")?.cell ?? null : null;

  function build() {
    const model = store.get("model");
    if (!model) return;
    stale = false;
    const pictures = codePictures(model.code_pictures);
    buttons = model.embeddings.map((_, code) => {
      const button = make("button", "palette-code", pictures.draw(code), createChip(model, code, String(code)));
      button.type = "button";
      button.dataset.code = String(code);
      button.tabIndex = code === 0 ? 0 : -1;
      button.setAttribute("aria-label", texts.experiments.paletteCode(code));
      return button;
    });
    palette.replaceChildren(...buttons);
  }

  /**
   * @param {Event} event
   * @returns {number} −1 between the buttons
   */
  function codeOf(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-code]") : null;
    return button instanceof HTMLElement ? Number(button.dataset.code) : -1;
  }

  palette.addEventListener("click", (event) => {
    const code = codeOf(event);
    if (code < 0) return;
    const cell = target();
    if (cell) recode(store, [cell], code);
    else store.set("brushCode", store.get("brushCode") === code ? null : code);
  });
  palette.addEventListener("pointerover", (event) => {
    const code = codeOf(event);
    if (code >= 0 && event.pointerType !== "touch") hover(store, { cell: null, code, stage: "embeddings" });
  });
  palette.addEventListener("pointerleave", () => hover(store, null));
  palette.addEventListener("focusin", (event) => {
    const code = codeOf(event);
    if (code < 0) return;
    for (const button of buttons) button.tabIndex = -1;
    buttons[code].tabIndex = 0;
    if (buttons[code].matches(":focus-visible")) hover(store, { cell: null, code, stage: "embeddings" });
  });
  palette.addEventListener("focusout", () => hover(store, null));
  palette.addEventListener("keydown", (event) => {
    // For the keyboard a toolbar is one line, even if it wraps.
    const next = step(codeOf(event), event.key, false, buttons.length, buttons.length);
    if (codeOf(event) < 0 || next === null) return;
    event.preventDefault();
    buttons[next].focus();
  });

  function show() {
    const open = store.get("editing");
    // Edits can be undone after the tool is closed.
    const hidden = !open && store.get("edits") === null && !returned;
    if (element.hidden === hidden && element.classList.contains("is-open") === open) return;
    hide(element, hidden);
    element.classList.toggle("is-open", open);
    // The layout of the figure changes, so paths across it are measured again.
    store.set("layout", store.get("layout") + 1);
  }

  function describe() {
    const trace = store.get("trace");
    const indices = store.get("shownIndices");
    if (!trace || !indices) return;
    const brush = store.get("brushCode");
    const cell = target();
    setText(hint, brush !== null
      ? texts.experiments.brushHint(brush)
      : cell
      ? texts.experiments.cellHint(cell, indices[cell[0]][cell[1]])
      : texts.experiments.editHint);
    const edited = store.get("edited");
    const cells = trace.indices.flat().length;
    const text = edited
      ? texts.experiments.edited(countChanged(edited, trace.indices), cells, store.get("shownError"), ownError(trace))
      : returned
      ? texts.experiments.returned
      : texts.experiments.unedited;
    setText(status, text);
    hide(reset, !store.get("edits"));
    const current = cell && indices[cell[0]][cell[1]];
    buttons.forEach((button, code) => {
      button.setAttribute("aria-pressed", String(code === brush));
      if (code === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  }

  return {
    update(changed) {
      if (changed.has("model")) stale = true;
      const edited = store.get("edits") !== null;
      if (wasEdited && !edited) returned = changed.has("pixels");
      if (edited || changed.has("editing")) returned = false;
      wasEdited = edited;
      show();
      if (element.hidden) return;
      if (stale) build();
      if (anyChanged(changed, ["model", "trace", "edited", "shownIndices", "shownError", "editing", "brushCode", "selection", "pinned"])) describe();
      // On phones, and below two rows of grids, the palette would be out of sight.
      if (changed.has("editing") && store.get("editing")) element.scrollIntoView({ block: "nearest" });
    },
  };
}

/**
 * The error of the picture that the model's own codes give, as it is shown: the loss counts what a linear output overshoots.
 * @param {import("../core/types.d.ts").Trace} trace
 */
const ownError = ({ reconstruction, pixels }) => reconstruction && pixels ? meanSquaredError(reconstruction, pixels) : NaN;
