// @ts-check

import { find, hide, make, setText } from "../core/dom.js";
import { PICTURE_BITS, wholeBits } from "../core/grid.js";
import { TOUR_STEPS } from "../core/state.js";
import { atLevel } from "../core/level-store.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/tour.js";
import { areInSight, freeHeight, place, scrollFor } from "./place.js";
import { begin, hasInk, missingFor, stepFrom, STEPS } from "./steps.js";

/** @typedef {import("../core/types.d.ts").TourStep} TourStep */

/** The example for a learner whose pad is empty. */
const EXAMPLE = 2;

/** How long the learner's hand rests before an act counts as done, and the page before it counts as still. In milliseconds. */
const REST_MS = { act: 600, scroll: 150 };

/** How often the page is scrolled while parts of it open. At its ends it cannot be scrolled as far as is wanted. */
const ATTEMPTS = 8;

/** The learner goes on, so the page is not scrolled for them any more. */
const INPUTS = ["wheel", "pointerdown", "keydown"];

/** Elements that use letters themselves, and those that use the arrow keys. */
const LETTERS = "input:not([type=range], [type=checkbox]), select, textarea";
const ARROWS = "input, select, textarea, [role=gridcell], [role=toolbar], [role=tab], [tabindex='0']";

/**
 * @param {HTMLElement} element
 * @param {Record<string, number>} box
 */
function put(element, box) {
  for (const [name, value] of Object.entries(box)) element.style.setProperty(name, `${value}px`);
}

/**
 * The card that leads through the page step by step: it brings the page into each step's state, says what is seen, and waits
 * for a small act. It stands beside what it talks about, on narrow screens at an edge.
 * @param {HTMLElement} element
 * @param {import("../core/types.d.ts").Store} page
 * @param {import("./tour.js").Replay} replay
 * @returns {import("../core/types.d.ts").View}
 */
export function create(element, page, replay) {
  const { store, see } = atLevel(page, "");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const count = make("p", "tour-count");
  const title = make("h2");
  const text = make("p");
  const act = make("p", "tour-act");
  const [back, show, next] = [texts.card.back, texts.card.show, texts.card.next].map((label) => make("button", "", label));
  const close = make("button", "icon", "✕");
  const ring = make("div", "tour-ring");

  /** @type {TourStep} */
  let id = TOUR_STEPS[0];
  /** What the store held when the step began; null while it waits for a trace. @type {import("./steps.js").Before | null} */
  let before = null;
  let done = false;
  /** Whether the learner has moved since then: the page may also scroll under a mouse that rests. */
  let active = false;
  /** Whether the focus is still to go to what the act is done with. */
  let leads = false;
  /** How often the page may still be scrolled to what the step talks about. */
  let attempts = 0;
  /** @type {HTMLElement[]} */
  let targets = [];
  /** @type {HTMLElement} */
  let ringed = element;
  /** @type {number | undefined} */
  let acting;
  /** @type {number | undefined} */
  let scrolling;

  for (const button of [back, show, next, close]) button.type = "button";
  close.setAttribute("aria-label", texts.card.close);
  title.id = "title-tour";
  title.tabIndex = -1;
  element.append(make("header", "", title, count, close), text, act, make("div", "tour-buttons", back, show, next));
  element.after(ring);

  /** @param {number} by */
  function go(by) {
    const other = stepFrom(id, by);
    if (other) store.set("tour", other);
  }

  close.addEventListener("click", () => store.set("tour", ""));
  back.addEventListener("click", () => go(-1));
  // The keyboard goes along.
  show.addEventListener("click", ({ detail }) => enter(!detail));
  next.addEventListener("click", () => {
    if (stepFrom(id, 1)) go(1);
    else store.assign({ tour: "", toured: TOUR_STEPS[0] });
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    store.set("tour", "");
  });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, b: -1, n: 1 }[event.key];
    const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!by || modified || element.hidden || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target instanceof Element && event.target.closest(event.key.length > 1 ? ARROWS : LETTERS)) return;
    event.preventDefault();
    go(by);
  });

  function write() {
    const model = store.get("model");
    if (!model) return;
    const focused = store.get("focus");
    const facts = {
      cells: model.picks,
      codes: model.grid.numEmbeddings,
      depth: model.embedding_dim,
      bits: wholeBits(model.metrics.bits_per_image),
      pictureBits: PICTURE_BITS,
      code: store.get("brushCode") ?? focused?.code ?? 0,
      users: focused?.users.size ?? 0,
    };
    const lacks = missingFor(id, store);
    const said = texts.steps[id];
    const n = TOUR_STEPS.indexOf(id) + 1;
    setText(count, texts.card.place(n, TOUR_STEPS.length));
    setText(title, said.title(facts));
    setText(text, lacks ? texts.missing[lacks] : said.text(facts));
    setText(act, done ? said.done(facts) : said.act(facts));
    hide(act, lacks !== null);
    act.classList.toggle("is-done", done);
    element.dataset.step = id;
    element.style.setProperty("--progress", String(n / TOUR_STEPS.length));
    setText(next, texts.card[!stepFrom(id, 1) ? "finish" : done || lacks ? "next" : "skip"]);
    next.classList.toggle("is-next", done || lacks !== null);
    if (n === 1 && document.activeElement === back) next.focus();
    back.disabled = n === 1;
    hide(show, lacks !== null);
  }

  /**
   * Begins the step that is open, or begins it again.
   * @param {boolean} [withFocus] whether the focus goes to what its act is done with
   */
  function enter(withFocus = false) {
    leads = withFocus;
    id = store.get("tour") || id;
    before = null;
    done = false;
    active = false;
    forgetAct();
    store.set("toured", id);
    start();
  }

  /** Sets the page as soon as there is a trace of a drawing. */
  function start() {
    const trace = store.get("trace");
    if (!store.get("model") || !trace || replay.playing()) return;
    if (id !== "draw" && !hasInk(store)) {
      replay.play(EXAMPLE);
      return;
    }
    if (store.get("connection") === "live" && trace.pixels !== store.get("pixels")) return;
    before = missingFor(id, store) ? {} : begin(id, store);
    write();
    if (element.hidden) appear();
    const { at, around = at[0] } = STEPS[id];
    targets = at.map(findMain);
    ringed = findMain(around);
    for (const target of targets) sizes.observe(target);
    attempts = ATTEMPTS;
    follow();
    const [said, ...sentences] = [title, text, act].map(({ hidden, textContent }) => hidden ? "" : textContent ?? "");
    store.set("announcement", texts.card.spoken(TOUR_STEPS.indexOf(id) + 1, TOUR_STEPS.length, said, sentences));
  }

  function appear() {
    element.hidden = false;
    const active = document.activeElement;
    // Who was elsewhere stays there.
    if (active === document.body || active?.matches("[data-action=tour]")) title.focus({ preventScroll: true });
  }

  /** The learner has done what the step waits for. What that has opened is to be seen, too. */
  function finish() {
    if (element.hidden) return;
    done = true;
    write();
    attempts = ATTEMPTS;
    follow();
    store.set("announcement", act.textContent ?? "");
  }

  function forgetAct() {
    clearTimeout(acting);
    acting = undefined;
  }

  /** Keeps what the step talks about in sight, and the card beside it. */
  function follow() {
    if (element.hidden) return;
    const shown = targets.filter((target) => target.offsetWidth);
    const card = { width: element.offsetWidth, height: element.offsetHeight };
    const header = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    const screen = { width: document.documentElement.clientWidth, height: innerHeight, header };
    const around = ringed.getBoundingClientRect();
    const at = place(card, around, boxesOf(shown), screen);
    put(element, at);
    element.classList.toggle("is-up", at.top === 0);
    const { left, top, width, height } = around;
    put(ring, { left: left + scrollX, top: top + scrollY, width, height });
    hide(ring, !width);
    const hand = leads && mainOf(STEPS[id].by);
    if (hand && hand.checkVisibility()) {
      leads = false;
      hand.focus({ preventScroll: true });
    }
    if (attempts && scrolling === undefined) scroll({ ...card, ...at }, shown, screen);
  }

  /**
   * @param {import("./place.js").Size & { left: number, top: number }} card
   * @param {HTMLElement[]} shown
   * @param {import("./place.js").Screen} screen
   */
  function scroll(card, shown, screen) {
    const isFixed = (/** @type {HTMLElement} */ target) => getComputedStyle(target).position === "sticky";
    const moving = boxesOf(shown.filter((target) => !isFixed(target)));
    if (areInSight(card, moving, screen)) return;
    const top = scrollFor(moving, freeHeight(card, moving, boxesOf(shown.filter(isFixed)), screen));
    if (Math.abs(top) < 1) return;
    attempts--;
    scrollBy({ top, behavior: still.matches ? "instant" : "smooth" });
  }

  const sizes = new ResizeObserver(follow);
  for (const one of [element, document.body]) sizes.observe(one);
  addEventListener("resize", follow);
  addEventListener("scroll", () => {
    clearTimeout(scrolling);
    scrolling = setTimeout(() => {
      scrolling = undefined;
      follow();
    }, REST_MS.scroll);
    follow();
  }, { passive: true });
  for (const type of INPUTS) addEventListener(type, () => (attempts = 0, active = true, leads = false), { passive: true });
  addEventListener("pointermove", ({ movementX, movementY }) => active ||= movementX !== 0 || movementY !== 0, { passive: true });

  return see({
    update(changed) {
      if (changed.has("tour")) enter();
      else if (!before) start();
      else if (anyChanged(changed, ["model", "models"])) write();
      const acted = active && before && !missingFor(id, store) && STEPS[id].acted(store, before);
      if (!acted || anyChanged(changed, ["steps", "pixels"])) forgetAct();
      if (acted && !done) acting ??= setTimeout(finish, REST_MS.act);
    },
  });
}

/**
 * @param {string} selector
 * @returns {HTMLElement | undefined} what the main level has, or what does not belong to a level
 */
function mainOf(selector) {
  const found = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
  return found.find((element) => !element.closest(`[data-level]:not([data-level=""])`));
}

/** @param {string} selector */
const findMain = (selector) => mainOf(selector) ?? find(document, selector);

/** @param {HTMLElement[]} elements */
const boxesOf = (elements) => elements.map((element) => element.getBoundingClientRect());
