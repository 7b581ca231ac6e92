// @ts-check

/** What of a training run is worth seeing, and how much of its map is shown when. No DOM. */

import { extentOf } from "../core/projection.js";

/** @typedef {import("../core/projection.js").Extent} Extent */
/** @typedef {import("../core/types.d.ts").Snapshot} Snapshot */

/** A share of the codes that fall out of use, or of the error that goes, which is worth a mark. */
const WORTH = { died: 0.1, learned: 0.25 };

/**
 * @param {Snapshot[]} snapshots
 * @returns {Extent[]} of each snapshot: what codes and features have filled up to it, so that a run begins at the extent
 *   of its data and the map only ever grows
 */
export function extentsOf(snapshots) {
  /** @type {Extent[]} */
  const extents = [];
  for (const { positions, features } of snapshots) {
    extents.push(extentOf(features, extentOf(positions, extents.at(-1))));
  }
  return extents;
}

/**
 * @param {Extent[]} extents
 * @param {number} at the playhead, in snapshots
 * @returns {Extent}
 */
export function extentAt(extents, at) {
  const n = Math.floor(at);
  const from = extents[n];
  const to = extents[Math.min(n + 1, extents.length - 1)];
  /** @param {keyof Extent} side */
  const between = (side) => from[side] + (at - n) * (to[side] - from[side]);
  return { left: between("left"), right: between("right"), bottom: between("bottom"), top: between("top") };
}

/**
 * @typedef {object} Moment
 * @property {"learned" | "died"} kind the error fell fastest, or most codes fell out of use
 * @property {number} at the snapshot after it
 * @property {number} step of training
 * @property {number} before error, or codes in use
 * @property {number} after
 */

/**
 * The moments of a run, each at most once, in their order.
 * @param {Snapshot[]} snapshots
 * @returns {Moment[]}
 */
export function momentsOf(snapshots) {
  /** @type {(kind: Moment["kind"], value: (snapshot: Snapshot) => number, whole: number) => Moment | null} */
  const largestDrop = (kind, value, whole) => {
    let at = 0, drop = WORTH[kind] * whole;
    for (let n = 1; n < snapshots.length; n++) {
      const lost = value(snapshots[n - 1]) - value(snapshots[n]);
      if (lost >= drop) [at, drop] = [n, lost];
    }
    return at ? { kind, at, step: snapshots[at].step, before: value(snapshots[at - 1]), after: value(snapshots[at]) } : null;
  };
  if (!snapshots.length) return [];
  return [
    largestDrop("learned", ({ losses }) => losses.reconstruction, snapshots[0].losses.reconstruction),
    largestDrop("died", ({ codes_used: used }) => used, snapshots[0].usage.length),
  ].filter((moment) => moment !== null).sort((a, b) => a.at - b.at);
}
