// @ts-check

import { find, make } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { conditionOf } from "../core/usage.js";

/**
 * The model menu in the page's header, hidden when there is only one model.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {(name: string) => void} choose
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, choose) {
  const select = find(element, "select", HTMLSelectElement);
  select.addEventListener("change", () => choose(select.value));

  function list() {
    const models = store.get("models");
    element.hidden = models.length < 2;
    select.replaceChildren(...models.map((model) => {
      const { name, title, description } = model;
      const option = make("option", "", texts.models.option(conditionOf(model), title));
      option.value = name;
      option.title = description;
      return option;
    }));
  }

  return {
    update(changed) {
      if (changed.has("models")) list();
      if (!anyChanged(changed, ["models", "shownModel"])) return;
      select.value = store.get("shownModel");
    },
  };
}
