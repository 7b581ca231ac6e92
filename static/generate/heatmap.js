// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { createCellGrid } from "../core/cell-grid.js";
import { GREYS } from "../core/colors.js";
import { find, hide, setText } from "../core/dom.js";
import { cellCount, cellOf } from "../core/grid.js";
import { SIZE } from "../core/state.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { classProbabilities, createRepair, emptyShare, inkedCells, isBlank, surprisingCells } from "./surprise.js";

/** Bits at which a cell has its full colour. */
const FULL = 8;

const HEAT = [255, 96, 48];

/** Of the drawing's ink, so that the heat can be seen on it. */
const DIMMED = 0.55;

/**
 * The bits of the drawing's codes: over the drawing, for each class, and repaired.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question) {
  const repair = createRepair(store, question);
  const map = createLayer(find(element, ".surprise-map canvas", HTMLCanvasElement), store);
  const caption = find(element, ".surprise-map figcaption");
  const drawing = createPicture();
  const cells = createCellGrid(find(element, ".surprise-map .cells"), store, "indices", null, {
    label(name, row) {
      const score = store.get("score");
      const model = store.get("model");
      if (!score || !model) return name;
      return texts.generate.surprise(cellOf(row, model.grid), score.codes.flat()[row], score.bits[row]);
    },
  });
  const blank = find(element, ".surprise-blank");
  const body = find(element, ".surprise-body");
  const classes = [...element.querySelectorAll(".class-bars li")];
  const button = find(element, "[data-action=restore]", HTMLButtonElement);
  const restored = find(element, ".surprise-repair figure");
  const result = createLayer(find(restored, "canvas", HTMLCanvasElement), store);
  button.addEventListener("click", repair.restore);

  function paintMap() {
    const score = store.get("score");
    const model = store.get("model");
    const pixels = store.get("trace")?.pixels;
    if (!score || !model || !pixels) return;
    const { grid } = model;
    map.paint((context) => {
      drawing.fill(SIZE, SIZE, (x, y) => GREYS[Math.round(DIMMED * pixels[y * SIZE + x])]);
      context.drawImage(drawing.canvas, 0, 0, map.width, map.height);
      const [width, height] = [map.width / grid.width, map.height / grid.height];
      const size = Math.max(12, Math.min(16, 0.36 * width));
      context.font = `600 ${size}px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeStyle = "#000";
      context.fillStyle = "#fff";
      score.bits.forEach((bits, row) => {
        const [i, j] = cellOf(row, grid);
        context.fillStyle = `rgb(${HEAT.join(" ")} / ${0.85 * Math.min(1, bits / FULL)})`;
        context.fillRect(j * width, i * height, width, height);
        context.fillStyle = "#fff";
        const text = bits.toFixed(1);
        context.strokeText(text, (j + 0.5) * width, (i + 0.5) * height);
        context.fillText(text, (j + 0.5) * width, (i + 0.5) * height);
      });
    });
    setText(caption, texts.generate.surpriseMap(Math.max(...score.bits)));
  }

  function describe() {
    const score = store.get("score");
    const model = store.get("model");
    const pixels = store.get("trace")?.pixels;
    if (!score || !model || !pixels) return;
    const uniform = cellCount(model.grid) * Math.log2(model.grid.numEmbeddings);
    setText(find(element, "[data-surprise=total]"), score.total.toFixed(1));
    setText(find(element, "[data-surprise=uniform]"), texts.generate.ofUniform(uniform));
    find(element, ".surprise-bar").style.setProperty("--share", String(Math.min(1, score.total / uniform)));
    const inked = inkedCells(pixels, model.grid);
    const without = inked.filter((ink) => !ink).length;
    setText(find(element, ".surprise-says"), texts.generate.empty(emptyShare(score.bits, inked), without));
    const shares = classProbabilities(score.classBits);
    const best = shares.indexOf(Math.max(...shares));
    classes.forEach((line, digit) => {
      line.classList.toggle("is-best", digit === best);
      find(line, ".class-bar").style.setProperty("--share", String(shares[digit]));
      setText(find(line, ".class-share"), `${Math.round(100 * shares[digit])}%`);
      setText(find(line, ".class-bits"), texts.generate.classBits(score.classBits[digit]));
    });
    const prior = store.get("priors")[model.name];
    setText(
      find(element, ".surprise-class"),
      prior ? texts.generate.looksLike(best, shares[best], prior.metrics.class_accuracy) : "",
    );
    button.disabled = !surprisingCells(score).length;
  }

  function paintRestored() {
    const found = store.get("restored");
    const model = store.get("model");
    hide(restored, !found);
    if (!found || !model) return;
    const { grid } = model;
    result.paint((context) => {
      const [height, width] = found.picture.shape;
      drawing.fill(width, height, (x, y) => GREYS[Math.round(255 * Math.min(1, Math.max(0, found.picture.data[y * width + x])))]);
      context.drawImage(drawing.canvas, 0, 0, result.width, result.height);
      const size = [result.width / grid.width, result.height / grid.height];
      context.strokeStyle = `rgb(${HEAT.join(" ")})`;
      context.lineWidth = 1.5;
      for (const row of found.replaced) {
        const [i, j] = cellOf(row, grid);
        context.strokeRect(j * size[0] + 1, i * size[1] + 1, size[0] - 2, size[1] - 2);
      }
    });
    setText(find(restored, "figcaption"), texts.generate.restored(found.replaced.length, found.digit));
  }

  return {
    update(changed) {
      repair.update(changed);
      cells.update(changed);
      const empty = isBlank(store.get("trace"));
      hide(blank, !empty);
      hide(body, empty);
      if (empty) return;
      if (anyChanged(changed, ["score", "layout", "trace"])) paintMap();
      if (anyChanged(changed, ["score", "priors", "trace"])) describe();
      if (anyChanged(changed, ["restored", "layout"])) paintRestored();
    },
  };
}
