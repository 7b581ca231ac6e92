// @ts-check

import { make } from "../core/dom.js";
import { stepOf } from "./matrices.js";
import { dimensions } from "../core/format.js";
import { texts } from "../texts/texts.js";

/** @typedef {import("../core/types.d.ts").Line} Line */
/** @typedef {import("../core/types.d.ts").Linked} Linked */

/**
 * A listing's tab and its lines. A line that makes something which other views show is linked to it.
 * @param {import("../core/types.d.ts").Listing} source
 * @param {Set<string>} known what other views show
 */
export function createListing({ id, title, file, lines }, known) {
  const tab = make("button", "tab", texts.quantizer.listings[id] ?? title);
  tab.type = "button";
  tab.id = `tab-${id}`;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", `listing-${id}`);

  const rows = lines.map((line, n) => createLine(line, known, lines[n - 1]));
  const linked = rows.filter((row) => row.hasAttribute("tabindex"));
  if (linked.length) linked[0].tabIndex = 0;
  const code = rows.flatMap((row, n) =>
    // Docstrings are left out, and a listing may go on with another function.
    n && lines[n].number !== lines[n - 1].number + 1 ? [make("div", "code-gap"), row] : [row]
  );
  const panel = make("div", "listing", make("div", "code", ...code));
  panel.id = `listing-${id}`;
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", tab.id);
  // Without a linked line the keyboard could not reach the listing to scroll it.
  panel.tabIndex = 0;

  return {
    id,
    file,
    tab,
    panel,
    /** The linked lines, which take the focus. */
    linked,

    /** @param {boolean} chosen */
    choose(chosen) {
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panel.hidden = !chosen;
    },

    /**
     * Outlines the lines that make a stage.
     * @param {Linked | undefined} stage
     * @param {boolean} pressed whether the stage as a whole is pinned
     */
    outline(stage, pressed) {
      const outlined = lines.map(({ stages }) => stage !== undefined && stages.includes(stage));
      rows.forEach((row, n) => {
        row.classList.toggle("is-linked", outlined[n]);
        // Lines that follow each other share one outline.
        row.classList.toggle("is-first", outlined[n] && !outlined[n - 1]);
        row.classList.toggle("is-last", outlined[n] && !outlined[n + 1]);
        if (row.hasAttribute("tabindex")) row.setAttribute("aria-pressed", String(outlined[n] && pressed));
      });
      tab.classList.toggle("has-linked", outlined.includes(true));
    },

    /**
     * Measures where to scroll.
     * @param {Linked | undefined} stage
     * @returns {number | null} null when a line that makes the stage is in sight, and while the listing itself is used:
     *   scrolling would pull lines away from under the pointer
     */
    scrollFor(stage) {
      if (stage === undefined || panel.matches(":hover, :focus-within")) return null;
      const made = rows.filter((_, n) => lines[n].stages.includes(stage));
      const { scrollTop, clientHeight, scrollHeight } = panel;
      if (!made.length || scrollHeight <= clientHeight) return null;
      const inSight = made.some(({ offsetTop, offsetHeight }) =>
        offsetTop >= scrollTop && offsetTop + offsetHeight <= scrollTop + clientHeight
      );
      return inSight ? null : made[made.length - 1].offsetTop - clientHeight / 2;
    },
  };
}

/** @typedef {ReturnType<typeof createListing>} Listing */

/**
 * @param {Line} line
 * @param {Set<string>} known
 * @param {Line | undefined} before the line above
 * @returns {HTMLElement}
 */
function createLine({ number, tokens, stages, shape }, known, before) {
  const text = make("span", "code-text", ...tokens.map(([kind, part]) => kind ? make("span", `tok-${kind}`, part) : part));
  if (!tokens.length) text.append("\n"); // so that a copied listing keeps its blank lines
  const place = make("span", "code-number", String(number));
  place.setAttribute("aria-hidden", "true");
  const size = shape === null ? "" : shape.length ? dimensions(shape) : texts.quantizer.scalar;
  const row = make("div", "code-line", place, text, make("span", "code-shape", size));
  row.dataset.line = String(number);
  row.classList.toggle("is-blank", !tokens.length);
  if (!stages.length) return row;
  const shown = stages.find((stage) => known.has(stage));
  row.dataset.stage = shown ?? stages[0];
  row.dataset.stages = stages.join(" ");
  if (!shown) return row;
  const step = stepOf(shown);
  const given = tokens.some(([, part]) => part === "def"); // a parameter, made elsewhere
  if (step && !given && !before?.stages.includes(shown)) {
    const place = make("span", "step", String(step));
    place.setAttribute("aria-hidden", "true");
    row.prepend(place);
  }
  row.setAttribute("role", "button");
  row.setAttribute("aria-pressed", "false");
  row.tabIndex = -1;
  return row;
}
