// @ts-check

/**
 * Values derived from the state. Each names its sources and gets only those, so it cannot depend on anything else. The
 * store caches it until a source changes, and reports the change like that of any key. No DOM.
 */

import { editsOf } from "./history.js";
import { at, levelsOf, stageAt } from "./levels.js";
import { focusOf } from "./selection.js";
import { conditionOf } from "./usage.js";

/** @typedef {import("./types.d.ts").Dependency} Dependency */
/** @typedef {import("./types.d.ts").Tensor} Tensor */

/**
 * @template {readonly Dependency[]} const Sources
 * @template T
 * @param {Sources} from keys of the state, and other derived values
 * @param {(...inputs: import("./types.d.ts").ValuesOf<Sources>) => T} compute
 * @returns {import("./types.d.ts").Derivation<T>}
 */
const derive = (from, compute) => ({ from, compute: /** @type {(...inputs: never[]) => T} */ (compute) });

/** The grids of indices that the visitor changed, by their level; null while the last step is not such an edit. */
const edits = derive(["steps", "model"], (steps, model) => editsOf(steps.at(-1), model));

/** That of this level; null if it is the model's own. */
const edited = derive([edits, "readAt"], (edits, level) => edits?.[level] ?? null);

/** The indices that the decoder gets: the edited ones, or the model's own. */
const shownIndices = derive([edited, "trace"], (edited, trace) => edited ?? trace?.indices ?? null);

/** What the decoder gets of each level, as requests name it; null while the codes of a level are not known. */
const grids = derive(["model", edits, "trace"], (model, edits, trace) => {
  const entries = model ? levelsOf(model).map((level) => /** @type {const} */ ([
    stageAt("indices", level),
    edits?.[level] ?? (trace && at(trace, level)?.indices),
  ])) : [];
  return entries.length && entries.every(([, grid]) => grid) ? /** @type {Record<string, number[][]>} */ (Object.fromEntries(entries)) : null;
});

/** The codes of all levels that the decoder gets, as a prior takes them. */
const shownCodes = derive([grids], (grids) => grids && Object.values(grids).flatMap((grid) => grid.flat()));

/** The previous picture stays until edited grids have been decoded. */
const shownReconstruction = derive(
  [edits, "editedReconstruction", "trace"],
  (edits, reconstruction, trace) => (edits && reconstruction) ?? trace?.reconstruction ?? null,
);

/** Mean squared error of the picture that is shown; NaN without one. */
const shownError = derive(
  [shownReconstruction, "trace"],
  (picture, trace) => picture && trace?.pixels ? meanSquaredError(picture, trace.pixels) : NaN,
);

/** The drawing in the normal variant, whatever variant is on. */
const normalTrace = derive(
  ["trace", "reference"],
  (trace, reference) => trace?.variant === "normal" ? trace : reference,
);

/** The channel in front of the cubes, which another model may not have. */
const shownChannel = derive(
  ["channel", "model"],
  (channel, model) => model ? Math.min(channel, model.embedding_dim - 1) : channel,
);

/** The rows that a completion keeps: at most all but one. */
const shownRows = derive(["keptRows", "model"], (rows, model) => model ? Math.min(rows, model.grid.height - 1) : rows);

/** Everything that the matrices of the details view are made of; null until there is a trace. */
const matrixSource = derive(
  ["model", "trace", shownIndices, shownChannel, "scaling"],
  (model, trace, indices, channel, scaling) =>
    model && indices && trace?.features
      ? { model, trace, features: trace.features, indices, channel, scaling }
      : null,
);

/**
 * Why the results on the page are not of this drawing and this model: "loading" while they are awaited, "offline" while
 * they cannot be; else empty. A drawing that the server is about to answer does not count.
 */
const outdated = derive(
  ["model", "loading", "connection", "trace", "pixels", "variant", edits, "decoded"],
  (model, loading, connection, trace, pixels, variant, edits, decoded) => {
    if (loading || !model) return "loading";
    if (connection !== "offline") return trace ? "" : "loading";
    const current = trace?.variant === variant && trace.pixels && pixels.every((value, n) => value === trace.pixels?.[n]);
    const known = Object.entries(edits ?? {}).every(([level, grid]) => decoded?.[stageAt("indices", level)] === grid);
    return current && known ? "" : "offline";
  },
);

/** The derived keys of the store. */
export const DERIVED = {
  edits,
  edited,
  grids,
  shownCodes,
  outdated,
  shownIndices,
  shownReconstruction,
  shownError,
  normalTrace,
  shownChannel,
  shownRows,
  matrixSource,

  /** How the numbers on screen were computed, while others may be on their way. */
  shownVariant: derive(["trace"], (trace) => trace?.variant ?? "normal"),
  shownStraightThrough: derive(["gradients"], (gradients) => gradients?.straightThrough ?? true),

  /** What the selection means in the trace. */
  focus: derive(["selection", "trace", "model", shownIndices], focusOf),

  /** Id of the level that is looked at, which another model may not have. */
  shownLevel: derive(["level", "model"], (level, model) => model && at(model, level) ? level : ""),

  /** Whether the model has other levels than the main one. */
  layered: derive(["model"], (model) => model !== null && Object.keys(model.levels).length > 0),

  /** Name of the model that is shown; empty while the default is wanted and not known yet. */
  shownModel: derive(["modelName", "model"], (name, model) => name || (model?.name ?? "")),

  /** Whether the codebook collapsed, and whether the model draws anything. */
  condition: derive(["model"], (model) => model && conditionOf(model)),

  shownTheme: derive(["theme", "systemTheme"], (theme, system) => theme === "system" ? system : theme),

  /** Whether the figure is small, so that it stays in sight above what is open below it. */
  compact: derive(["details", "health", "generate"], (...open) => open.some(Boolean)),

  /** Distances are most of a trace's numbers: the server sends them only while they are shown. */
  wantsDistances: derive(["details", "selection"], (details, selection) => details || Boolean(selection?.cell)),

  /** A backward pass costs the server as much as several traces, so it runs only while its result is shown. */
  wantsGradients: derive(["backward", "details"], (backward, details) => backward && details),
};

/**
 * @param {Tensor} picture in [0, 1]
 * @param {Uint8Array} pixels 0 to 255
 * @returns {number}
 */
export function meanSquaredError(picture, pixels) {
  let sum = 0;
  for (let n = 0; n < pixels.length; n++) sum += (picture.data[n] - pixels[n] / 255) ** 2;
  return sum / pixels.length;
}
