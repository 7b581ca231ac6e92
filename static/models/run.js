// @ts-check

import { createLayer, createPicture } from "../core/canvas.js";
import { createPalette, GREYS } from "../core/colors.js";
import { find, setText } from "../core/dom.js";
import { significant } from "../core/format.js";
import { between, extentOf, fit } from "../core/projection.js";
import { SIZE } from "../core/state.js";
import { fromBase64 } from "../core/tensor.js";
import { texts } from "../texts/texts.js";
import { createWatch } from "../core/watch.js";

/** @typedef {import("../core/types.d.ts").Playback} Playback */
/** @typedef {import("../core/types.d.ts").Palette} Palette */
/** @typedef {import("../core/types.d.ts").Snapshot} Snapshot */

/** The most that one digit is drawn across. */
const LARGEST_REM = 5;
const MARGIN = 12;
const FONT = '12px ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** What is written beside each line of the losses; the commitment term has the codebook term's values. */
const LINES = /** @type {const} */ ([
  { loss: "reconstruction", color: "#fff", dash: [] },
  { loss: "codebook", color: "#ff9f5a", dash: [5, 4] },
]);

/**
 * One run of training at the playhead.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} store
 * @param {number} side which of the runs in the store
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, store, side) {
  const facts = find(element, ".run-facts");
  const legend = find(element, ".run-losses figcaption");
  const [map, pictures, usage, losses] = ["map", "pictures", "usage", "losses"].map((name) =>
    createLayer(find(element, `.run-${name} canvas`, HTMLCanvasElement), store)
  );
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const drawn = createPicture();
  const newMap = createWatch();
  const newRest = createWatch();
  /** @type {{ playback: Playback, palette: Palette, extent: import("../core/projection.js").Extent, originals: Uint8Array } | null} */
  let run = null;

  /** @returns {Playback | undefined} */
  const playback = () => store.get("playbacks")[store.get("runs")[side]];

  /** @param {Playback} playback */
  function adopt(playback) {
    const model = store.get("model");
    const final = playback.snapshots[playback.snapshots.length - 1].positions;
    // The codes' order is that along the first axis, as for every model; a model that is shown has told its own.
    const order = final.map((_, code) => code).sort((a, b) => final[a][0] - final[b][0]);
    const own = model?.name === playback.name && model.embeddings.length === final.length;
    run = {
      playback,
      palette: own ? model.palette : createPalette(order),
      extent: playback.snapshots.reduce(
        (seen, { positions, features }) => extentOf(features, extentOf(positions, seen)),
        extentOf(final),
      ),
      originals: fromBase64(playback.originals),
    };
  }

  /**
   * @param {Snapshot} a
   * @param {Snapshot} b
   * @param {number} t
   * @param {number} [pointed] code
   */
  function paintMap(a, b, t, pointed) {
    if (!run) return;
    const { palette, extent } = run;
    const place = fit(extent, map, MARGIN);
    map.paint((context) => {
      context.fillStyle = "rgb(255 255 255 / 0.55)";
      a.features.forEach((feature, n) => {
        const [x, y] = place(b.features[n] ? between(feature, b.features[n], t) : feature);
        context.fillRect(x - 1, y - 1, 2, 2);
      });
      const many = a.positions.length > 64;
      const half = many ? 3 : 5;
      a.positions.forEach((position, code) => {
        const [x, y] = place(between(position, b.positions[code], t));
        const alive = a.usage[code] > 0;
        context.fillStyle = alive ? palette.fill[code] : "#000";
        context.fillRect(x - half, y - half, 2 * half, 2 * half);
        context.lineWidth = 1.5;
        context.strokeStyle = alive ? "#000" : palette.fill[code];
        context.strokeRect(x - half, y - half, 2 * half, 2 * half);
      });
      if (pointed === undefined) return;
      const [x, y] = place(between(a.positions[pointed], b.positions[pointed], t));
      context.strokeStyle = "#fff";
      context.lineWidth = 2;
      context.strokeRect(x - half - 3, y - half - 3, 2 * half + 6, 2 * half + 6);
    });
  }

  /** @param {Snapshot} snapshot */
  function paintUsage({ usage: shares }) {
    const palette = run?.palette;
    const most = Math.max(...shares, Number.MIN_VALUE);
    usage.paint((context) => {
      const across = usage.width / shares.length;
      shares.forEach((share, code) => {
        const height = share > 0 ? Math.max(1, (share / most) * (usage.height - 16)) : 0;
        context.fillStyle = palette?.fill[code] ?? "#fff";
        context.fillRect(code * across, usage.height - height, Math.max(1, across - 1), height);
      });
      context.font = FONT;
      context.textBaseline = "top";
      context.fillStyle = "#fff";
      context.fillText(texts.models.mostUsed(most), 2, 2);
    });
  }

  /** @param {number} at the playhead among the snapshots */
  function paintLosses(at) {
    const snapshots = run?.playback.snapshots ?? [];
    losses.paint((context) => {
      // The scale is logarithmic, so zeros, and NaN after a diverged run, are left out.
      const values = snapshots.flatMap(({ losses }) => LINES.map(({ loss }) => losses[loss])).filter((value) => value > 0);
      const low = Math.log(Math.min(...values));
      const high = Math.log(Math.max(...values));
      /** @param {number} n */
      const x = (n) => 4 + (n / Math.max(1, snapshots.length - 1)) * (losses.width - 8);
      /** @param {number} value */
      const y = (value) => 8 + ((high - Math.log(value)) / Math.max(1e-9, high - low)) * (losses.height - 16);
      context.fillStyle = "#4a5164";
      context.fillRect(x(at) - 1, 0, 2, losses.height);
      context.lineWidth = 2;
      for (const { loss, color, dash } of LINES) {
        context.strokeStyle = color;
        context.setLineDash([...dash]);
        context.beginPath();
        snapshots.forEach(({ losses }, n) => {
          if (losses[loss] > 0) context.lineTo(x(n), y(losses[loss]));
        });
        context.stroke();
      }
      context.setLineDash([]);
      if (!values.length) return;
      context.font = FONT;
      context.fillStyle = "#fff";
      context.textBaseline = "top";
      context.textAlign = "right";
      context.fillText(significant(Math.exp(high)), losses.width - 2, 2);
      context.textBaseline = "bottom";
      context.textAlign = "left";
      context.fillText(significant(Math.exp(low)), 2, losses.height - 1);
    });
  }

  /** @param {Snapshot} snapshot */
  function paintPictures({ reconstructions }) {
    if (!run) return;
    const { originals, playback: { digits } } = run;
    const redrawn = fromBase64(reconstructions);
    const canvas = drawn.fill(SIZE * digits.length, 2 * SIZE, (x, y) => {
      const of = y < SIZE ? originals : redrawn;
      return GREYS[of[(Math.floor(x / SIZE) * SIZE + (y % SIZE)) * SIZE + (x % SIZE)]];
    });
    pictures.canvas.style.aspectRatio = `${digits.length} / 2`;
    pictures.canvas.style.maxWidth = `${digits.length * LARGEST_REM}rem`;
    pictures.paint((context) => context.drawImage(canvas, 0, 0, pictures.width, pictures.height));
  }

  /** @param {Snapshot} snapshot */
  function describe({ step, epoch, losses, codes_used: used, usage, perplexity }) {
    setText(facts, texts.models.snapshot({ step, epoch, used, codes: usage.length, perplexity }));
    setText(legend, texts.models.losses(losses.reconstruction, losses.codebook));
  }

  return {
    update(changed) {
      const wanted = playback();
      element.classList.toggle("is-loading", !wanted);
      if (!wanted) {
        setText(facts, store.get("runs")[side] ? texts.models.loading : "");
        return;
      }
      if (run?.playback !== wanted || changed.has("model")) adopt(wanted);
      const { snapshots } = wanted;
      const at = store.get("playhead") * (snapshots.length - 1);
      const n = still.matches ? Math.round(at) : Math.floor(at);
      const shown = snapshots[n];
      const layout = store.get("layout");
      const model = store.get("model");
      const pointed = model?.name === wanted.name ? store.get("focus")?.code : undefined;
      const place = still.matches ? n : at;
      if (newMap(run, place, layout, pointed)) {
        paintMap(shown, snapshots[Math.min(n + 1, snapshots.length - 1)], place - n, pointed);
        paintLosses(place);
      }
      if (!newRest(run, n, layout)) return;
      paintUsage(shown);
      paintPictures(shown);
      describe(shown);
    },
  };
}
