// @ts-check

import { find } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** A notice without a button disappears after this many milliseconds. */
const NOTICE_MS = 8000;

/**
 * Shows the state of the connection, in words beside the coloured dot, the page's notices, and whether its results are those
 * of the drawing.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const connection = find(element, ".connection");
  const offline = find(element, ".offline");
  const notice = find(element, ".notice");
  const loading = find(element, ".loading");
  const main = find(element, "main");
  /** @type {number | undefined} */
  let timer;

  // Messages stand in the top bar while that is in sight.
  new IntersectionObserver(([{ isIntersecting }]) => {
    find(element, ".messages").classList.toggle("is-docked", !isIntersecting);
  }).observe(find(element, ".top"));

  return {
    update(changed) {
      if (anyChanged(changed, ["connection", "connectionDetail"])) {
        const state = store.get("connection");
        connection.dataset.state = state;
        connection.title = store.get("connectionDetail");
        find(connection, ".connection-word").textContent = texts.shell.connection[state];
        offline.hidden = state !== "offline";
      }
      if (anyChanged(changed, ["connectionDetail", "outdated"])) {
        const outdated = store.get("outdated") === "offline" ? ` ${texts.shell.outdated}` : "";
        offline.textContent = store.get("connectionDetail") + outdated;
      }
      if (changed.has("outdated")) {
        main.dataset.outdated = store.get("outdated");
        main.setAttribute("aria-busy", String(store.get("outdated") === "loading"));
      }
      if (anyChanged(changed, ["loading", "models"])) {
        const name = store.get("loading");
        const title = store.get("models").find((model) => model.name === name)?.title;
        loading.hidden = !title;
        loading.textContent = title ? texts.shell.loading(title) : "";
      }
      if (changed.has("notice")) {
        const current = store.get("notice");
        notice.hidden = !current;
        notice.dataset.kind = current?.kind ?? "info";
        find(notice, ".notice-text").textContent = current?.text ?? "";
        find(notice, "[data-action]").hidden = !current?.action;
        clearTimeout(timer);
        if (current && !current.action) timer = setTimeout(() => store.set("notice", null), NOTICE_MS);
      }
    },
  };
}
