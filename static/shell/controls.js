// @ts-check

import { find } from "../core/dom.js";
import { resetEdits, setEditing, toggleVariant } from "../core/edits.js";
import { lookAt } from "../core/level-store.js";
import { levelsOf } from "../core/levels.js";
import { clear as clearSelection } from "../core/selection.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/**
 * Keyboard shortcuts of buttons, as listed in the help dialog. They do not apply while a field has the focus.
 * @type {Record<string, string>}
 */
const KEYS = {
  d: "draw",
  e: "erase",
  u: "undo",
  Delete: "clear",
  Backspace: "clear",
  x: "difference",
  m: "centre",
  s: "share",
  t: "theme",
  v: "details",
  c: "edit",
  l: "level",
  h: "health",
  z: "compare",
  p: "playback",
  g: "generate",
  f: "meter",
  "?": "help",
};

/**
 * The same with Ctrl or ⌘.
 * @type {Record<string, string | undefined>}
 */
const UNDO_KEYS = { z: "undo", "shift z": "redo", y: "redo" };

/** The page's backgrounds, for the browser's own bars. */
const BARS = { dark: "#12141a", light: "#fafafc" };

/**
 * Buttons, switches, keys and the theme.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {Record<"undo" | "redo" | "clear" | "recentre" | "share", () => void> & { example: (digit: number) => void }} drawing
 * @returns {import("../core/types.d.ts").View}
 */
export function createControls(element, store, drawing) {
  const brush = find(element, "input[name=brush]", HTMLInputElement);
  const centre = find(element, "input[name=centre]", HTMLInputElement);
  const help = find(element, "dialog.help", HTMLDialogElement);
  const lightSystem = matchMedia("(prefers-color-scheme: light)");

  /** Looks at the button's level, or at the next one. @param {HTMLElement} [button] */
  function look(button) {
    const model = store.get("model");
    if (!model) return;
    const levels = levelsOf(model);
    lookAt(store, button?.dataset.level ?? levels[(levels.indexOf(store.get("shownLevel")) + 1) % levels.length]);
  }

  /** @param {Element} [button] each level has one */
  const isOfShown = (button) => !button?.closest(`[data-level]:not([data-level="${store.get("shownLevel")}"])`);

  /** @param {HTMLElement} [button] */
  function edit(button) {
    const shown = isOfShown(button);
    if (!shown) look(/** @type {HTMLElement} */ (button?.closest("[data-level]")));
    setEditing(store, !shown || !store.get("editing"));
  }

  /**
   * @param {"difference" | "meter" | "details" | "compare" | "health" | "playback" | "generate" | "lab" | "backward"
   *   | "straightThrough"} key
   */
  const flip = (key) => () => store.set(key, !store.get(key));

  /** @type {Record<string, (button?: HTMLElement) => void>} */
  const actions = {
    draw: () => store.set("tool", "draw"),
    erase: () => store.set("tool", "erase"),
    undo: drawing.undo,
    redo: drawing.redo,
    clear: drawing.clear,
    centre: () => (store.set("centre", !store.get("centre")), drawing.recentre()),
    difference: flip("difference"),
    meter: flip("meter"),
    theme: () => store.set("theme", store.get("shownTheme") === "dark" ? "light" : "dark"),
    share: drawing.share,
    language: (link) => (/** @type {HTMLAnchorElement} */ (link).hash = location.hash),
    tour: () => store.set("tour", store.get("tour") ? "" : store.get("toured")),
    help: () => (help.showModal(), help.scrollTo(0, 0)), // focus on its title has scrolled it
    "close-help": () => help.close(),
    "close-notice": () => store.set("notice", null),
    unpin: () => clearSelection(store),
    details: flip("details"),
    compare: flip("compare"),
    health: flip("health"),
    playback: flip("playback"),
    generate: flip("generate"),
    lab: flip("lab"),
    level: look,
    edit,
    "edit-reset": () => resetEdits(store),
    bypass: () => toggleVariant(store, "bypass"),
    "wrong-reshape": () => toggleVariant(store, "wrong-reshape"),
    backward: flip("backward"),
    "straight-through": flip("straightThrough"),
  };

  element.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-action], [data-example]") : null;
    if (!(button instanceof HTMLElement)) return;
    const { action, example: digit } = button.dataset;
    if (digit !== undefined) drawing.example(Number(digit));
    else if (action) actions[action]?.(button);
  });

  brush.addEventListener("input", () => store.set("brush", Number(brush.value)));
  centre.addEventListener("change", () => actions.centre());
  const followSystem = () => store.set("systemTheme", lightSystem.matches ? "light" : "dark");
  lightSystem.addEventListener("change", followSystem);
  followSystem();

  element.addEventListener("keydown", (event) => {
    if (element.querySelector("dialog[open]") || event.defaultPrevented) return;
    const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=range], [type=checkbox]), select");
    if (typing) return;
    if (event.key === "Escape") {
      if (store.get("brushCode") === null) clearSelection(store);
      else store.set("brushCode", null);
      return;
    }
    if (event.ctrlKey || event.metaKey) {
      const action = UNDO_KEYS[`${event.shiftKey ? "shift " : ""}${event.key.toLowerCase()}`];
      if (!action) return;
      event.preventDefault();
      actions[action]();
      return;
    }
    if (event.altKey) return;
    if (/^\d$/.test(event.key)) drawing.example(Number(event.key));
    else if (KEYS[event.key]) actions[KEYS[event.key]]();
    else return;
    event.preventDefault();
  });

  function showTheme() {
    const theme = store.get("theme");
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const shown = store.get("shownTheme");
    find(document, "meta[name=theme-color]", HTMLMetaElement).content = BARS[shown];
    find(element, "[data-action=theme]").setAttribute(
      "aria-label",
      texts.page[shown === "dark" ? "shell.light-theme" : "shell.dark-theme"],
    );
  }

  /**
   * @param {string} action
   * @param {boolean} pressed
   */
  function press(action, pressed) {
    find(element, `[data-action=${action}]`).setAttribute("aria-pressed", String(pressed));
  }

  return {
    update(changed) {
      if (changed.has("tool")) {
        press("draw", store.get("tool") === "draw");
        press("erase", store.get("tool") === "erase");
      }
      for (const key of /** @type {const} */ (["difference", "meter", "backward"])) if (changed.has(key)) press(key, store.get(key));
      if (anyChanged(changed, ["editing", "shownLevel"])) {
        for (const button of element.querySelectorAll("[data-action=edit]")) {
          button.setAttribute("aria-pressed", String(store.get("editing") && isOfShown(button)));
        }
      }
      if (changed.has("variant")) {
        press("bypass", store.get("variant") === "bypass");
        press("wrong-reshape", store.get("variant") === "wrong-reshape");
      }
      if (changed.has("straightThrough")) press("straight-through", store.get("straightThrough"));
      if (changed.has("centre")) centre.checked = store.get("centre");
      if (changed.has("brush")) brush.value = String(store.get("brush"));
      if (anyChanged(changed, ["theme", "shownTheme"])) showTheme();
      if (changed.has("steps")) find(element, "[data-action=undo]", HTMLButtonElement).disabled = !store.get("steps").length;
      if (changed.has("undone")) find(element, "[data-action=redo]", HTMLButtonElement).disabled = !store.get("undone").length;
    },
  };
}
