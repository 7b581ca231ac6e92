// @ts-check

import { hide, make } from "../core/dom.js";
import { at, levelsOf } from "../core/levels.js";
import { texts } from "../texts/texts.js";

/**
 * A button for each level of the model; hidden where there is nothing to choose from.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  /** @type {HTMLButtonElement[]} */
  let buttons = [];

  function build() {
    const model = store.get("model");
    if (!model) return;
    buttons = levelsOf(model).map((level) => {
      const { grid } = /** @type {typeof model} */ (at(model, level));
      const button = make("button", "", texts.figure.level(level, grid));
      button.type = "button";
      button.dataset.action = "level";
      button.dataset.level = level;
      return button;
    });
    element.replaceChildren(...buttons);
    hide(element, buttons.length === 1);
  }

  return {
    update(changed) {
      if (changed.has("model")) build();
      if (!changed.has("model") && !changed.has("shownLevel")) return;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.level === store.get("shownLevel")));
    },
  };
}
