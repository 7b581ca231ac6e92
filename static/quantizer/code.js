// @ts-check

import { find } from "../core/dom.js";
import { hover, togglePin } from "../core/selection.js";
import { anyChanged } from "../core/store.js";
import { createListing } from "./listing.js";

/** @typedef {import("../core/types.d.ts").Linked} Linked */

/**
 * The source of the running model, in tabs. A line that gives a stage its value is linked to every view of the stage;
 * the listing says which line that is, so nothing here knows the source.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const tablist = find(element, "[role=tablist]");
  const panels = find(element, ".listings");
  const file = find(element, ".file");
  /** @type {import("./listing.js").Listing[]} */
  let listings = [];
  /** @type {number | null} where the open listing has to be scrolled to */
  let scrollTo = null;
  // The arithmetic below takes some of its height.
  new ResizeObserver(() => {
    seek();
    scroll();
  }).observe(panels);

  const open = () => listings.find(({ id }) => id === store.get("listing")) ?? listings[0];

  listenToLines(panels, store, () => open().linked());

  tablist.addEventListener("click", (event) => {
    const chosen = listings.find(({ tab }) => tab === event.target);
    if (chosen) store.set("listing", chosen.id);
  });
  tablist.addEventListener("keydown", (event) => {
    const at = listings.indexOf(open());
    const last = listings.length - 1;
    const next = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    store.set("listing", listings[next].id);
    listings[next].tab.focus();
  });

  function build() {
    const model = store.get("model");
    if (!model) return;
    listings = model.listings.map(createListing);
    tablist.replaceChildren(...listings.map(({ tab }) => tab));
    panels.replaceChildren(...listings.map(({ panel }) => panel));
  }

  function showWhatIfs() {
    /** @type {import("../core/types.d.ts").WhatIf[]} */
    const whatIfs = [];
    const variant = store.get("shownVariant");
    if (variant !== "normal") whatIfs.push(variant);
    if (!store.get("shownStraightThrough")) whatIfs.push("no-straight-through");
    for (const listing of listings) listing.setWhatIfs(whatIfs);
  }

  function showTab() {
    for (const listing of listings) listing.choose(listing === open());
    file.textContent = open()?.file ?? "";
  }

  function outline() {
    const selection = store.get("selection");
    const whole = selection !== null && !selection.cell && selection.code === null;
    for (const listing of listings) listing.outline(selection?.stage, whole && store.get("pinned"));
  }

  function seek() {
    scrollTo = open()?.scrollFor(store.get("selection")?.stage) ?? null;
  }

  function scroll() {
    const panel = open()?.panel;
    if (panel && scrollTo !== null) panel.scrollTop = scrollTo;
    scrollTo = null;
  }

  return {
    read(changed) {
      if (changed.has("selection")) seek();
    },
    update(changed) {
      if (changed.has("model")) build();
      if (anyChanged(changed, ["model", "listing"])) showTab();
      if (anyChanged(changed, ["model", "shownVariant", "shownStraightThrough"])) showWhatIfs();
      if (anyChanged(changed, ["model", "selection", "pinned", "shownVariant", "shownStraightThrough"])) outline();
      scroll();
    },
  };
}

/**
 * Pointing at a linked line, or focusing it, selects what the line makes; a click pins it; arrows walk through the lines.
 * @param {HTMLElement} panels
 * @param {import("../core/types.d.ts").Store} store
 * @param {() => HTMLElement[]} lines the linked lines of the open listing
 */
function listenToLines(panels, store, lines) {
  /**
   * @param {EventTarget | null} target
   * @returns {Linked | null} what the line makes
   */
  function stageOf(target) {
    const row = target instanceof Element ? target.closest(".code-line[tabindex]") : null;
    return row instanceof HTMLElement ? /** @type {Linked} */ (row.dataset.stage) : null;
  }

  /** @param {Linked | null} stage */
  const point = (stage) => hover(store, stage && { cell: null, code: null, stage });

  panels.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") point(stageOf(event.target));
  });
  panels.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") point(null);
  });
  panels.addEventListener("focusin", (event) => {
    const row = event.target;
    if (!(row instanceof HTMLElement) || !row.matches(".code-line")) return;
    for (const other of lines()) other.tabIndex = -1;
    row.tabIndex = 0;
    point(stageOf(row));
  });
  panels.addEventListener("focusout", () => point(null));
  panels.addEventListener("click", (event) => {
    const stage = stageOf(event.target);
    if (stage) togglePin(store, { cell: null, code: null, stage });
  });
  panels.addEventListener("keydown", (event) => {
    const rows = lines();
    const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0) return;
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next !== undefined) rows[next]?.focus();
    else if (event.key === "Enter" || event.key === " ") rows[at].click();
    else return;
    event.preventDefault();
  });
}
