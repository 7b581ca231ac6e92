// @ts-check

import { find, make } from "../core/dom.js";
import { dimensions } from "../core/format.js";
import { hover, togglePin } from "../core/selection.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Line} Line */
/** @typedef {import("../core/types.d.ts").Linked} Linked */
/** @typedef {import("../core/types.d.ts").Listing} Listing */

/**
 * The source of the running model, in tabs. A line that gives a stage its value is linked to every view of the stage;
 * which line that is comes with the listing, so that nothing here knows the source.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store) {
  const tablist = find(element, "[role=tablist]");
  const panels = find(element, ".listings");
  const file = find(element, ".file");
  /** @type {{ listing: Listing, tab: HTMLButtonElement, panel: HTMLElement, lines: { line: Line, row: HTMLElement }[] }[]} */
  let tabs = [];
  /** @type {number | null} where the open panel has to be scrolled to */
  let scrollTo = null;

  const open = () => tabs.find(({ listing }) => listing.id === store.get("listing")) ?? tabs[0];

  /**
   * @param {EventTarget | null} target
   * @returns {Linked | null} what the line under the pointer makes
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
    for (const { row: other } of open().lines) if (other.tabIndex === 0) other.tabIndex = -1;
    row.tabIndex = 0;
    point(stageOf(row));
  });
  panels.addEventListener("focusout", () => point(null));
  panels.addEventListener("click", (event) => {
    const stage = stageOf(event.target);
    if (stage) togglePin(store, { cell: null, code: null, stage });
  });
  panels.addEventListener("keydown", (event) => {
    const rows = open().lines.map(({ row }) => row).filter((row) => row.hasAttribute("tabindex"));
    const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0) return;
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next !== undefined) rows[next]?.focus();
    else if (event.key === "Enter" || event.key === " ") rows[at].click();
    else return;
    event.preventDefault();
  });

  tablist.addEventListener("click", (event) => {
    const tab = tabs.find((candidate) => candidate.tab === event.target);
    if (tab) store.set("listing", tab.listing.id);
  });
  tablist.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(open());
    const last = tabs.length - 1;
    const next = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    store.set("listing", tabs[next].listing.id);
    tabs[next].tab.focus();
  });

  function build() {
    const model = store.get("model");
    if (!model) return;
    const known = new Set([...Object.keys(model.stages), "reconstruction_loss", "codebook_loss", "commitment_loss", "total_loss"]);
    tabs = model.listings.map((listing) => {
      const tab = make("button", "tab", texts.quantizer.listings[listing.id] ?? listing.title);
      tab.type = "button";
      tab.id = `tab-${listing.id}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `listing-${listing.id}`);
      const lines = listing.lines.map((line) => ({ line, row: createLine(line, known) }));
      const first = lines.find(({ row }) => row.hasAttribute("tabindex"));
      if (first) first.row.tabIndex = 0;
      const rows = lines.flatMap(({ line, row }, n) =>
        // The listing leaves out docstrings, and may go on with another function.
        n && line.number !== lines[n - 1].line.number + 1 ? [make("div", "code-gap"), row] : [row]
      );
      const panel = make("div", "listing", make("div", "code", ...rows));
      panel.id = `listing-${listing.id}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      // A listing without a linked line must still be reached to be scrolled.
      panel.tabIndex = 0;
      return { listing, tab, panel, lines };
    });
    tablist.replaceChildren(...tabs.map(({ tab }) => tab));
    panels.replaceChildren(...tabs.map(({ panel }) => panel));
  }

  function showTab() {
    for (const tab of tabs) {
      const chosen = tab === open();
      tab.tab.setAttribute("aria-selected", String(chosen));
      tab.tab.tabIndex = chosen ? 0 : -1;
      tab.panel.hidden = !chosen;
    }
    file.textContent = open()?.listing.file ?? "";
  }

  /** @param {Line} line */
  const isLinked = ({ stages }) => {
    const stage = store.get("selection")?.stage;
    return stage !== undefined && stages.includes(stage);
  };

  function frame() {
    const selection = store.get("selection");
    const whole = selection && !selection.cell && selection.code === null;
    for (const { tab, lines } of tabs) {
      const linkedLines = lines.map(({ line }) => isLinked(line));
      lines.forEach(({ row }, n) => {
        const linked = linkedLines[n];
        row.classList.toggle("is-linked", linked);
        // Lines that follow each other share one frame.
        row.classList.toggle("is-first", linked && !linkedLines[n - 1]);
        row.classList.toggle("is-last", linked && !linkedLines[n + 1]);
        if (row.hasAttribute("tabindex")) {
          row.setAttribute("aria-pressed", String(Boolean(linked && whole && store.get("pinned"))));
        }
      });
      tab.classList.toggle("has-linked", linkedLines.includes(true));
    }
  }

  /**
   * @returns {number | null} where to scroll to, if none of the linked lines is in sight. Never while the listing itself
   *   is used, which would pull lines away from under the pointer.
   */
  function outOfSight() {
    const shown = open();
    if (!shown || shown.panel.matches(":hover, :focus-within")) return null;
    const linked = shown.lines.filter(({ line }) => isLinked(line)).map(({ row }) => row);
    const { scrollTop, clientHeight, scrollHeight } = shown.panel;
    if (!linked.length || scrollHeight <= clientHeight) return null;
    const inSight = linked.some((row) =>
      row.offsetTop >= scrollTop && row.offsetTop + row.offsetHeight <= scrollTop + clientHeight
    );
    return inSight ? null : linked[linked.length - 1].offsetTop - clientHeight / 2;
  }

  return {
    read(changed) {
      scrollTo = changed.has("selection") ? outOfSight() : null;
    },
    update(changed) {
      if (changed.has("model")) build();
      if (anyChanged(changed, ["model", "listing"])) showTab();
      if (anyChanged(changed, ["model", "listing", "selection", "pinned"])) frame();
      const panel = open()?.panel;
      if (panel && scrollTo !== null) panel.scrollTop = scrollTo;
    },
  };
}

/**
 * @param {Line} line
 * @param {Set<string>} known what other views show; a line that makes something else is linked to nothing
 * @returns {HTMLElement}
 */
function createLine({ number, tokens, stages, shape }, known) {
  const text = make("span", "code-text", ...tokens.map(([kind, part]) => kind ? make("span", `tok-${kind}`, part) : part));
  if (!tokens.length) text.append("\n");
  const place = make("span", "code-number", String(number));
  place.setAttribute("aria-hidden", "true");
  const size = shape === null ? "" : shape.length ? dimensions(shape) : texts.quantizer.scalar;
  const row = make("div", "code-line", place, text, make("span", "code-shape", size));
  row.dataset.line = String(number);
  if (!stages.length) return row;
  row.dataset.stage = stages.find((stage) => known.has(stage)) ?? stages[0];
  row.dataset.stages = stages.join(" ");
  if (!stages.some((stage) => known.has(stage))) return row;
  row.setAttribute("role", "button");
  row.setAttribute("aria-pressed", "false");
  row.tabIndex = -1;
  return row;
}
