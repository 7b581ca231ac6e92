// @ts-check

import { find, make } from "../dom.js";
import { modelShown } from "../share.js";
import { touches } from "../store.js";

/**
 * The list of models in the page's head. With a single model there is nothing to choose.
 * @param {HTMLElement} element
 * @param {import("../types.d.ts").Store} store
 * @param {(name: string) => void} choose
 * @returns {import("../types.d.ts").View}
 */
export function create(element, store, choose) {
  const select = find(element, "select", HTMLSelectElement);
  const listening = new AbortController();
  select.addEventListener("change", () => choose(select.value), { signal: listening.signal });

  function list() {
    const models = store.get("models");
    element.hidden = models.length < 2;
    select.replaceChildren(...models.map(({ name, title, description }) => {
      const option = make("option", "", title);
      option.value = name;
      option.title = description;
      return option;
    }));
  }

  return {
    update(changed) {
      if (touches(changed, ["models"])) list();
      if (!touches(changed, ["models", "modelName", "model"])) return;
      select.value = modelShown(store);
    },
    destroy: () => listening.abort(),
  };
}
