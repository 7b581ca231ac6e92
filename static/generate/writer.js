// @ts-check

import { createPicture, createShownPicture } from "../core/canvas.js";
import { createChip } from "../core/chip.js";
import { GREYS, shade } from "../core/colors.js";
import { find, make, setText } from "../core/dom.js";
import { cellOf } from "../core/grid.js";
import { cellsOf, gridsOf, placeOf } from "../core/level-codes.js";
import { atLevel } from "../core/level-store.js";
import { at } from "../core/levels.js";
import { createRovingGrid } from "../core/roving-grid.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { texts } from "../texts/texts.js";
import { createWriting, currentRow, distributionAt } from "./writing.js";
import { createWrittenGrid } from "./written-grid.js";

const UNIT = { low: 0, high: 1 };

/** Bars in a line, where there is room for all and where there is not. */
const IN_LINE = { wide: 20, narrow: 10, below: 600 };

/** More bars than these have no numbers. */
const NUMBERED = 64;

/**
 * A digit that is written code by code: the grids, its picture, and the distribution of the cell that is next.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question) {
  const writing = createWriting(store, question);
  const play = find(element, "[data-action=write-play]");
  const back = find(element, "[data-action=write-back]", HTMLButtonElement);
  const forward = find(element, "[data-action=write-step]", HTMLButtonElement);
  const digit = find(element, "select[name=digit]", HTMLSelectElement);
  const pace = find(element, "select[name=pace]", HTMLSelectElement);
  const grids = [...element.querySelectorAll("[data-level]")].map((figure) =>
    createWrittenGrid(/** @type {HTMLElement} */ (figure), store, writing.moveTo)
  );
  const caption = find(element, ".writer-picture figcaption");
  const picture = createShownPicture(find(element, ".writer-picture canvas", HTMLCanvasElement));
  const says = find(element, ".writer-says");
  const bars = find(element, ".writer-bars");
  /** All previews side by side: one picture is faster than one for each bar. */
  const sheet = createPicture(document.createElement("canvas"));
  let width = 0;

  /** Of the level whose bars are shown. */
  let level = "";
  // A bar that is pointed at is a code of its level.
  const pointed = { ...store, set: (/** @type {any} */ key, /** @type {any} */ value) => atLevel(store, level).store.set(key, value) };
  const codes = createRovingGrid(find(bars, ".cells"), /** @type {import("../core/types.d.ts").Store} */ (pointed), {
    select: (code) => ({ cell: null, code, stage: "embeddings" }),
    label: (code) => generate.bar(code, shares()?.[code] ?? 0),
    take: (code) => (store.set("writes", false), writing.overrule(code), true),
  });

  play.addEventListener("click", writing.play);
  back.addEventListener("click", writing.back);
  forward.addEventListener("click", () => (store.set("writes", false), writing.step()));
  digit.addEventListener("change", () => store.set("digit", digit.value === "any" ? null : Number(digit.value)));
  pace.addEventListener("change", () => store.set("pace", Number(pace.value)));
  new ResizeObserver(([entry]) => {
    const before = columns();
    ({ width } = entry.contentRect);
    if (columns() !== before) (build(), draw());
  }).observe(bars);
  // Nobody has to press anything to see the first digit, except those who want no motion, and where the tour asks for it.
  if (!store.get("tour") && !matchMedia("(prefers-reduced-motion: reduce)").matches) store.set("writes", true);

  const columns = () => width < IN_LINE.below ? IN_LINE.narrow : IN_LINE.wide;

  /** @returns {Float32Array | null} the probability of each code for the framed cell */
  function shares() {
    const grid = store.get("writing");
    return grid && distributionAt(grid, currentRow(store));
  }

  function build() {
    const whole = store.get("model");
    if (!whole) return;
    level = placeOf(gridsOf(whole), currentRow(store)).level.id;
    const model = at(whole, level) ?? whole;
    const size = model.grid.numEmbeddings;
    bars.classList.toggle("is-many", size > NUMBERED);
    codes.arrange(size, Math.min(size, columns()), (code) => {
      const column = make("span", "bar-column", make("span", "bar-fill"));
      column.style.setProperty("--code", model.palette.fill[code]);
      const preview = make("span", "writer-preview");
      preview.style.setProperty("--place", String(size > 1 ? code / (size - 1) : 0));
      return [column, preview, createChip(model, code, size > NUMBERED ? "" : String(code))];
    });
    bars.style.setProperty("--codes", String(size));
  }

  /** What the buttons can do, and what the picture is of. */
  function describe() {
    const model = store.get("model");
    if (!model) return;
    const levels = gridsOf(model);
    const written = store.get("written");
    back.disabled = written === 0;
    forward.disabled = written === cellsOf(levels);
    const coarse = written > 0 && placeOf(levels, written - 1).level !== levels[levels.length - 1];
    setText(caption, generate.picture(coarse));
  }

  /** The distribution of the framed cell, in bars and words. */
  function draw() {
    const model = store.get("model");
    const grid = store.get("writing");
    if (!model) return;
    const position = currentRow(store);
    const place = placeOf(gridsOf(model), position);
    if (place.level.id !== level) build();
    const found = shares();
    const most = found ? Math.max(...found) : 1;
    const finished = grid && store.get("written") === grid.codes.length;
    for (let code = 0; code < model.grid.numEmbeddings; code++) {
      const item = codes.element(code);
      if (!item) continue;
      const share = found?.[code] ?? 0;
      item.dataset.norm = String(share);
      item.style.setProperty("--share", String(share / most));
      item.setAttribute("aria-label", generate.bar(code, share));
    }
    codes.mark((code) => found && grid?.codes[position] === code ? "selected" : "");
    // At play, a screen reader would read nothing but the latest code.
    says.setAttribute("aria-live", store.get("writes") ? "off" : "polite");
    setText(says, !grid || !found
      ? generate.waiting(store.get("unanswered").has("writing"))
      : finished && grid.known === grid.codes.length
      ? generate.finished(
        grid.digit,
        grid.bits.reduce((sum, value) => sum + value, 0),
        grid.codes.length * Math.log2(model.grid.numEmbeddings),
      )
      : generate.next({
        level: store.get("layered") ? texts.figure.level(level, place.level) : "",
        cell: cellOf(place.row, place.level),
        digit: grid.digit,
        code: grid.codes[position],
        share: found[grid.codes[position]],
        bits: grid.bits[position],
      }));
  }

  function paintPreviews() {
    const previews = store.get("previews");
    if (!previews) return;
    const { shape: [count, high, wide], data } = previews.pictures;
    sheet.fill(count * wide, high, (x, y) => {
      const code = Math.floor(x / wide);
      return GREYS[shade(data[(code * high + y) * wide + (x % wide)], UNIT)];
    });
    bars.style.setProperty("--previews", `url(${sheet.canvas.toDataURL()})`);
    bars.style.setProperty("--ratio", `${wide} / ${high}`);
  }

  function paintPicture() {
    const tensor = store.get("writtenPicture");
    if (!tensor) return;
    const [height, width] = tensor.shape;
    picture.paint(width, height, (x, y) => GREYS[shade(tensor.data[y * width + x], UNIT)]);
  }

  return {
    update(changed) {
      writing.update(changed);
      if (changed.has("model")) build();
      if (changed.has("digit")) digit.value = String(store.get("digit") ?? "any");
      if (changed.has("pace")) pace.value = String(store.get("pace"));
      if (changed.has("writes")) {
        play.setAttribute("aria-pressed", String(store.get("writes")));
        setText(play, texts.page[store.get("writes") ? "generate.write.pause" : "generate.write.play"]);
      }
      for (const grid of grids) {
        grid.read?.(changed);
        grid.update(changed);
      }
      if (anyChanged(changed, ["model", "writing", "written"])) describe();
      if (anyChanged(changed, ["model", "writing", "written", "writes", "unanswered"])) draw();
      if (changed.has("previews")) paintPreviews();
      if (changed.has("writtenPicture")) paintPicture();
    },
  };
}
