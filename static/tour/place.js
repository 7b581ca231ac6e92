// @ts-check

/** Where the card of the tour stands, and how far the page scrolls for it. In CSS pixels of the window. No DOM. */

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
/** @typedef {{ width: number, height: number }} Size */

/** The window, and the height of what stays at its upper edge. */
/** @typedef {Size & { header: number }} Screen */

/** Between the card and what it talks about, and the edges of the window. */
export const GAP = 12;

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {number} the area that they share
 */
export function overlap(a, b) {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/**
 * The place that covers least of what the card talks about: beside the ring, or else in a corner of the window. A card as
 * wide as the window stands at its lower or its upper edge.
 * @param {Size} card
 * @param {Box} ring
 * @param {Box[]} targets the most important first
 * @param {Screen} screen
 * @returns {{ left: number, top: number }}
 */
export function place({ width, height }, ring, targets, screen) {
  const [x, y] = [screen.width - width - GAP, screen.height - height - GAP];
  const highest = Math.min(screen.header + GAP, y);
  const corners = [[x, y], [GAP, y], [x, highest], [GAP, highest]];
  const beside = [
    ...[ring.top, ring.bottom - height].map((at) => between(highest, at, y))
      .flatMap((at) => [[ring.right + GAP, at], [ring.left - GAP - width, at]]),
    ...[ring.left, ring.right - width].map((at) => between(GAP, at, x))
      .flatMap((at) => [[at, ring.bottom + GAP], [at, ring.top - GAP - height]]),
  ];
  const fits = beside.filter(([left, top]) => left >= GAP && left <= x && top >= highest && top <= y);
  const edges = [[0, screen.height - height], [0, 0]];
  const places = x < GAP ? edges : [...fits, ...corners];
  const covered = places.map(([left, top]) => {
    const box = { left, top, right: left + width, bottom: top + height };
    // The first target counts for more than all others.
    return targets.reduce((sum, target, n) => sum + overlap(box, target) * (n ? 1 : 1000), 0);
  });
  const [left, top] = places[covered.indexOf(Math.min(...covered))];
  return { left, top };
}

/**
 * The part of the window that is left for what the card talks about.
 * @param {Size} card
 * @param {Box[]} targets that scroll with the page
 * @param {Box[]} fixed targets that stay at the lower edge of the window
 * @param {Screen} screen
 * @returns {{ top: number, bottom: number }}
 */
export function freeHeight(card, targets, fixed, screen) {
  const left = Math.min(...targets.map((target) => target.left));
  const right = Math.max(...targets.map((target) => target.right));
  const bottom = Math.min(screen.height, ...fixed.map((target) => target.top)) - GAP;
  if (Math.max(left, screen.width - right) >= card.width + 2 * GAP) return { top: screen.header + GAP, bottom };
  // The card takes the edge that is left.
  return fixed.length
    ? { top: Math.max(screen.header, card.height) + GAP, bottom }
    : { top: screen.header + GAP, bottom: bottom - card.height - GAP };
}

/**
 * @param {Size & { left: number, top: number }} card
 * @param {Box[]} targets that scroll with the page
 * @param {Screen} screen
 * @returns {boolean} whether all are in the window and beside the card
 */
export function areInSight({ left, top, width, height }, targets, screen) {
  const card = { left, top, right: left + width, bottom: top + height };
  return targets.every((target) => target.top >= screen.header && target.bottom <= screen.height && !overlap(card, target));
}

/**
 * How far the page scrolls down so that as many targets as fit are in sight, the first before the others.
 * @param {Box[]} targets not empty, the most important first
 * @param {{ top: number, bottom: number }} free
 * @returns {number} 0 when they are in sight
 */
export function scrollFor(targets, { top, bottom }) {
  let [low, high] = [targets[0].top, targets[0].bottom];
  for (const target of targets) {
    const [above, below] = [Math.min(low, target.top), Math.max(high, target.bottom)];
    if (below - above <= bottom - top) [low, high] = [above, below];
  }
  if (low >= top && high <= bottom) return 0;
  return high - low > bottom - top ? low - top : (low + high - top - bottom) / 2;
}

/**
 * @param {number} least
 * @param {number} value
 * @param {number} most
 */
const between = (least, value, most) => Math.max(least, Math.min(value, most));
