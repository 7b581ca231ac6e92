// @ts-check

import { createRovingGrid } from "../core/roving-grid.js";
import { createChip } from "../core/chip.js";
import { find, make, setText } from "../core/dom.js";
import { cellCount } from "../core/grid.js";
import { atLevel } from "../core/level-store.js";
import { anyChanged } from "../core/store.js";
import { sections } from "../texts/sections.js";
import { isCollapsed, perplexityOf, usedOf } from "../core/usage.js";
import { create as createCodemap } from "./code-map.js";

/** The narrowest bar with room for its number, in pixels. Where they have no room, bars go without, in several lines. */
const NUMBERED = 15;
/** Bars in a line without numbers: fewer where thin bars would be hard to touch. */
const IN_LINE = { wide: 64, narrow: 32, below: 480 };

/**
 * How often each code is used, over the test digits and for this drawing, at the level that is looked at.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} page
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, page) {
  const { store, see } = atLevel(page);
  const bars = find(element, ".bars");
  const inked = find(element, "input[name=inked]", HTMLInputElement);
  const word = find(element, ".health-word");
  const reading = find(element, ".health-reading");
  let width = 0;
  const codemap = createCodemap(find(element, ".codemap"), store);
  const cells = createRovingGrid(find(bars, ".cells"), store, {
    select: (code) => ({ cell: null, code, stage: "embeddings" }),
    label: (code) => sections.share(code, shares()[code] ?? 0),
  });
  inked.addEventListener("change", () => store.set("inked", inked.checked));
  new ResizeObserver(([entry]) => {
    const before = columns();
    ({ width } = entry.contentRect);
    if (columns() !== before) (build(), draw(), mark());
  }).observe(bars);

  /** @returns {number[]} share of the test digits' cells that chose each code */
  function shares() {
    const metrics = store.get("model")?.metrics;
    return (store.get("inked") ? metrics?.code_usage_inked : metrics?.code_usage) ?? [];
  }

  /** @returns {number} bars in a line; 0 when all are in one, with their numbers */
  function columns() {
    const length = store.get("model")?.embeddings.length ?? 0;
    if (length * NUMBERED <= width) return 0;
    return width < IN_LINE.below ? IN_LINE.narrow : IN_LINE.wide;
  }

  function build() {
    const model = store.get("model");
    if (!model) return;
    const { embeddings: { length }, palette } = model;
    const many = columns() > 0;
    bars.classList.toggle("is-many", many);
    cells.arrange(length, Math.min(length, columns() || length), (code) => {
      const column = make("span", "bar-column", make("span", "bar-fill"));
      column.style.setProperty("--code", palette.fill[code]);
      return [column, createChip(model, code, many ? "" : String(code))];
    });
  }

  function draw() {
    const shown = shares();
    const most = Math.max(...shown, Number.MIN_VALUE);
    shown.forEach((share, code) => {
      const item = cells.element(code);
      if (!item) return;
      // For the style sheet, which mutes codes of value 0 here and in the bars of the movers.
      item.dataset.norm = String(share);
      item.style.setProperty("--share", String(share / most));
      item.setAttribute("aria-label", sections.share(code, share));
    });
    const used = usedOf(shown);
    const perplexity = perplexityOf(shown);
    setText(find(element, "[data-health=used]"), String(used));
    setText(find(element, "[data-health=perplexity]"), perplexity.toFixed(1));
    const idle = shown.length - used;
    setText(word, isCollapsed(used, perplexity, shown.length)
      ? sections.collapsed(idle, shown.length, perplexity)
      : idle === 0
      ? sections.allUsed(perplexity)
      : sections.idle(idle, shown.length, perplexity));
  }

  function mark() {
    const model = store.get("model");
    const focused = store.get("focus");
    const pinned = store.get("pinned");
    cells.mark((code) => code === focused?.code ? (pinned ? "pinned" : "selected") : "");
    if (!model || !focused) {
      setText(reading, sections.readingHint);
      return;
    }
    reading.replaceChildren(...sections.reading({
      chip: createChip(model, focused.code),
      share: shares()[focused.code],
      inked: store.get("inked"),
      users: focused.users.size,
      cells: cellCount(model.grid),
      place: focused.cell && { ...focused, cell: focused.cell },
    }));
  }

  return see({
    update(changed) {
      if (!store.get("model")) return;
      if (changed.has("model")) build();
      if (changed.has("inked")) inked.checked = store.get("inked");
      if (anyChanged(changed, ["model", "inked"])) draw();
      if (anyChanged(changed, ["model", "inked", "focus", "pinned"])) mark();
      codemap.update(changed);
    },
  });
}
