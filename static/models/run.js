// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { createPalette } from "../core/colors.js";
import { find, setText } from "../core/dom.js";
import { fromBase64 } from "../core/tensor.js";
import { createWatch } from "../core/watch.js";
import { sections } from "../texts/sections.js";
import { extentAt, extentsOf } from "./moments.js";
import { paintDigits, paintLosses, paintMap, paintUsage } from "./run-plots.js";

/** @typedef {import("../core/types.d.ts").Model} Model */
/** @typedef {import("../core/types.d.ts").Playback} Playback */

/**
 * What all snapshots of a run are drawn with.
 * @param {Playback} playback
 * @param {Model | null} model
 */
function prepare(playback, model) {
  const final = playback.snapshots[playback.snapshots.length - 1].positions;
  // Codes are ordered along the first axis, as in every model; the model that is shown has its palette already.
  const order = final.map((_, code) => code).sort((a, b) => final[a][0] - final[b][0]);
  const shown = model?.name === playback.name && model.grid.numEmbeddings === final.length;
  return {
    playback,
    palette: shown ? model.palette : createPalette(order),
    extents: extentsOf(playback.snapshots),
    originals: fromBase64(playback.originals),
  };
}

/**
 * A training run at the playhead.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {number} side which of the runs in the store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, side) {
  const facts = find(element, ".run-facts");
  const legend = find(element, ".run-losses figcaption");
  const [map, digits, usage, losses] = ["map", "pictures", "usage", "losses"].map((name) =>
    createLayer(find(element, `.run-${name} canvas`, HTMLCanvasElement), store)
  );
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const picture = createPicture();
  const moved = createWatch();
  const reached = createWatch();
  /** @type {ReturnType<typeof prepare> | null} */
  let run = null;

  /** @param {import("../core/types.d.ts").Snapshot} snapshot */
  function describe({ step, epoch, losses, codes_used: used, usage, perplexity, levels = {} }) {
    const others = Object.entries(levels).map(([level, use]) => sections.snapshotOf(level, use));
    setText(facts, [sections.snapshot({ step, epoch, used, codes: usage.length, perplexity }), ...others].join(" "));
    setText(legend, sections.losses(losses.reconstruction, losses.codebook));
  }

  return {
    update(changed) {
      const name = store.get("runs")[side];
      const playback = store.get("playbacks")[name];
      element.classList.toggle("is-loading", !playback);
      if (!playback) {
        setText(facts, name ? sections.loading : "");
        return;
      }
      const model = store.get("model");
      if (run?.playback !== playback || changed.has("model")) run = prepare(playback, model);
      const { snapshots } = playback;
      const playhead = store.get("playhead") * (snapshots.length - 1);
      const at = still.matches ? Math.round(playhead) : playhead;
      const n = Math.floor(at);
      const from = snapshots[n];
      const layout = store.get("layout");
      const pointed = model?.name === name ? store.get("focus")?.code : undefined;
      if (moved(run, at, layout, pointed)) {
        const to = snapshots[Math.min(n + 1, snapshots.length - 1)];
        paintMap(map, run.palette, extentAt(run.extents, at), { from, to, t: at - n }, { pointed });
        paintLosses(losses, snapshots, at);
      }
      if (!reached(run, n, layout)) return;
      paintUsage(usage, run.palette, from.usage);
      paintDigits(digits, picture, run.originals, fromBase64(from.reconstructions));
      describe(from);
    },
  };
}
