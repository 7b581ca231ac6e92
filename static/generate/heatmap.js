// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { GREYS } from "../core/colors.js";
import { find, hide, setText } from "../core/dom.js";
import { cellOf } from "../core/grid.js";
import { gridsOf, placeOf } from "../core/level-codes.js";
import { anyChanged } from "../core/store.js";
import { generate } from "../texts/generate.js";
import { classProbabilities, createRepair, emptyShare, inkedCells, isBlank, surprisingCells } from "./surprise.js";
import { createSurpriseMap, HEAT } from "./surprise-map.js";

/**
 * The bits of the drawing's codes: over the drawing, for each class, and repaired.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./queue.js").Question} question
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, question) {
  const repair = createRepair(store, question);
  const maps = [...element.querySelectorAll("[data-level]")].map((figure) =>
    createSurpriseMap(/** @type {HTMLElement} */ (figure), store)
  );
  const drawing = createPicture();
  const blank = find(element, ".surprise-blank");
  const body = find(element, ".surprise-body");
  const classes = [...element.querySelectorAll(".class-bars li")];
  const button = find(element, "[data-action=restore]", HTMLButtonElement);
  const restored = find(element, ".surprise-repair figure");
  const result = createLayer(find(restored, "canvas", HTMLCanvasElement), store);
  button.addEventListener("click", repair.restore);

  function describe() {
    const score = store.get("score");
    const model = store.get("model");
    const pixels = store.get("trace")?.pixels;
    if (!score || !model || !pixels) return;
    const levels = gridsOf(model);
    const uniform = score.codes.length * Math.log2(model.grid.numEmbeddings);
    setText(find(element, "[data-surprise=total]"), score.total.toFixed(1));
    setText(find(element, "[data-surprise=uniform]"), generate.ofUniform(uniform));
    find(element, ".surprise-bar").style.setProperty("--share", String(Math.min(1, score.total / uniform)));
    const inked = levels.flatMap((level) => inkedCells(pixels, level));
    const without = inked.filter((ink) => !ink).length;
    setText(find(element, ".surprise-says"), generate.empty(emptyShare(score.bits, inked), without));
    const shares = classProbabilities(score.classBits);
    const best = shares.indexOf(Math.max(...shares));
    classes.forEach((line, digit) => {
      line.classList.toggle("is-best", digit === best);
      find(line, ".class-bar").style.setProperty("--share", String(shares[digit]));
      setText(find(line, ".class-share"), `${Math.round(100 * shares[digit])}%`);
      setText(find(line, ".class-bits"), generate.classBits(score.classBits[digit]));
    });
    const prior = store.get("priors")[model.name];
    setText(
      find(element, ".surprise-class"),
      prior ? generate.looksLike(best, shares[best], prior.metrics.class_accuracy) : "",
    );
    button.disabled = !surprisingCells(score).length;
  }

  function paintRestored() {
    const found = store.get("restored");
    const model = store.get("model");
    hide(restored, !found);
    if (!found || !model) return;
    const levels = gridsOf(model);
    result.paint((context) => {
      const [height, width] = found.picture.shape;
      drawing.fill(width, height, (x, y) => GREYS[Math.round(255 * Math.min(1, Math.max(0, found.picture.data[y * width + x])))]);
      context.drawImage(drawing.canvas, 0, 0, result.width, result.height);
      context.strokeStyle = `rgb(${HEAT.join(" ")})`;
      context.lineWidth = 1.5;
      for (const position of found.replaced) {
        const { level, row } = placeOf(levels, position);
        const [i, j] = cellOf(row, level);
        const [width, height] = [result.width / level.width, result.height / level.height];
        context.strokeRect(j * width + 1, i * height + 1, width - 2, height - 2);
      }
    });
    setText(find(restored, "figcaption"), generate.restored(found.replaced.length, found.digit));
  }

  return {
    update(changed) {
      repair.update(changed);
      const empty = isBlank(store.get("trace"));
      hide(blank, !empty);
      hide(body, empty);
      for (const map of maps) {
        map.read?.(changed);
        map.update(changed);
      }
      if (empty) return;
      if (anyChanged(changed, ["score", "priors", "trace"])) describe();
      if (anyChanged(changed, ["restored", "layout"])) paintRestored();
    },
  };
}
