// @ts-check

import { find } from "../core/dom.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** A notice disappears after this many milliseconds. */
const NOTICE_MS = 8000;

/**
 * Shows the state of the connection, in words beside the coloured dot, and the page's notices.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const connection = find(element, ".connection");
  const offline = find(element, ".offline");
  const notice = find(element, ".notice");
  /** @type {number | undefined} */
  let timer;

  return {
    update(changed) {
      if (anyChanged(changed, ["connection", "connectionDetail"])) {
        const state = store.get("connection");
        connection.dataset.state = state;
        connection.title = store.get("connectionDetail");
        find(connection, ".connection-word").textContent = texts.shell.connection[state];
        offline.hidden = state !== "offline";
        offline.textContent = store.get("connectionDetail");
      }
      if (changed.has("notice")) {
        const current = store.get("notice");
        notice.hidden = !current;
        notice.dataset.kind = current?.kind ?? "info";
        find(notice, ".notice-text").textContent = current?.text ?? "";
        clearTimeout(timer);
        if (current) timer = setTimeout(() => store.set("notice", null), NOTICE_MS);
      }
    },
  };
}
