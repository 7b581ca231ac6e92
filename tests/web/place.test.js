// @ts-check

import { areInSight, freeHeight, GAP, overlap, place, scrollFor } from "../../static/tour/place.js";
import { equal, holds, ok } from "./assert.js";

const SCREEN = { width: 1440, height: 900, header: 0 };
const CARD = { width: 300, height: 240 };

/** @param {number} left @param {number} top @param {number} width @param {number} height */
const box = (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height });

/** @param {import("../../static/tour/place.js").Box[]} targets @param {typeof SCREEN} [screen] @param {typeof CARD} [card] */
function placed(targets, screen = SCREEN, card = CARD) {
  const { left, top } = place(card, targets[0], targets, screen);
  return box(left, top, card.width, card.height);
}

Deno.test("the card stands beside what it talks about, where there is room", () => {
  equal(placed([box(100, 200, 300, 300)]).left, 400 + GAP);
  equal(placed([box(1000, 200, 300, 300)]).left, 1000 - GAP - CARD.width, "to the left");
  equal(placed([box(200, 100, 1100, 300)]).top, 400 + GAP, "below");
  equal(placed([box(200, 500, 1100, 300)]).top, 500 - GAP - CARD.height, "above");
  equal(placed([box(100, 200, 300, 300), box(420, 200, 300, 300)]).top, 500 + GAP, "not over the second");
});

Deno.test("it is always in the window, and covers nothing if anything can be left uncovered", () => {
  holds(500, (random) => {
    const width = 60 + 900 * random();
    const height = 60 + 500 * random();
    const target = box((SCREEN.width - width) * random(), (SCREEN.height - height) * random(), width, height);
    const card = placed([target]);
    ok(card.left >= GAP && card.top >= GAP && card.right <= SCREEN.width && card.bottom <= SCREEN.height, "in the window");
    const room = Math.max(target.left, SCREEN.width - target.right) >= CARD.width + 2 * GAP ||
      Math.max(target.top, SCREEN.height - target.bottom) >= CARD.height + 2 * GAP;
    if (room) equal(overlap(card, target), 0, JSON.stringify(target));
  });
});

Deno.test("what stays at the upper edge of the window is not covered, either", () => {
  const target = box(100, 500, 1240, 300);
  equal(placed([target]).top, 500 - GAP - CARD.height);
  ok(placed([target], { ...SCREEN, header: 260 }).top >= 260 + GAP, "below it");
});

Deno.test("of two things that cannot both be left uncovered, the first is", () => {
  const first = box(0, 0, 1440, 500);
  const card = placed([first, box(0, 500, 1440, 400)]);
  equal(overlap(card, first), 0);
});

Deno.test("a card as wide as the window stands at its lower edge, or at the upper one if that covers less", () => {
  const phone = { width: 390, height: 844, header: 0 };
  const wide = { width: 390, height: 240 };
  equal(placed([box(0, 100, 390, 400)], phone, wide), box(0, 604, 390, 240));
  equal(placed([box(0, 600, 390, 200)], phone, wide), box(0, 0, 390, 240));
});

Deno.test("the page is scrolled until what is talked about is in the free part of the window", () => {
  const targets = [box(100, 1500, 300, 300), box(100, 1900, 300, 100), box(100, 4000, 300, 100)];
  const free = freeHeight(CARD, targets, [], { ...SCREEN, header: 200 });
  equal(free, { top: 200 + GAP, bottom: 900 - GAP }, "the card stands beside it");
  const by = scrollFor(targets, free);
  const [first, second] = targets.map(({ top, bottom }) => [top - by, bottom - by]);
  ok(first[0] >= free.top && second[1] <= free.bottom, "the first two fit");
  equal(scrollFor([box(100, first[0], 300, 300)], free), 0, "what is in sight stays");
  equal(scrollFor([box(0, 1000, 300, 2000)], free), 1000 - free.top, "the upper end of what does not fit");
});

Deno.test("nothing is scrolled while all that is talked about is seen beside the card", () => {
  const screen = { ...SCREEN, header: 200 };
  const targets = [box(400, 250, 300, 300), box(0, 560, 1440, 300)];
  ok(areInSight({ left: 20, top: 300, ...CARD }, targets, screen), "all");
  ok(!areInSight({ left: 20, top: 330, ...CARD }, targets, screen), "under the card");
  ok(!areInSight({ left: 20, top: 210, ...CARD }, targets, { ...screen, header: 260 }), "under the header");
  ok(!areInSight({ left: 20, top: 210, ...CARD }, targets, { ...screen, height: 800 }), "below the window");
});

Deno.test("the free part ends where a card stands that finds no room beside", () => {
  const wide = [box(0, 1000, 1440, 200)];
  equal(freeHeight(CARD, wide, [], SCREEN), { top: GAP, bottom: 900 - CARD.height - 2 * GAP });
  equal(freeHeight(CARD, wide, [box(0, 600, 1440, 300)], SCREEN), { top: CARD.height + GAP, bottom: 600 - GAP });
});
