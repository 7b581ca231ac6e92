// @ts-check

import { find, make } from "../core/dom.js";
import { stepOf } from "./matrices.js";
import { dimensions } from "../core/format.js";
import { isLinked } from "../core/selection.js";
import { quantizer } from "../texts/quantizer.js";

/** @typedef {import("../core/types.d.ts").Line} Line */
/** @typedef {import("../core/types.d.ts").Linked} Linked */
/** @typedef {import("../core/types.d.ts").WhatIf} WhatIf */

/**
 * A listing's tab and its lines. A line that makes something which other views show is linked to it. In a what-if, lines
 * that are skipped are struck through, and those that run instead are shown in their place.
 * @param {import("../core/types.d.ts").Listing} source
 */
export function createListing({ id, title, file, lines, substitutes }) {
  const tab = make("button", "tab", quantizer.listings[id] ?? title);
  tab.type = "button";
  tab.id = `tab-${id}`;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", `listing-${id}`);

  const rows = lines.map((line, n) => createLine(line, lines[n - 1]));
  /** Substitutes as rows, each below the row of a line. */
  const inserts = substitutes.map(({ what_if, after, file, lines: instead }) => {
    const at = lines.findIndex(({ number }) => number === after);
    const word = lines[at].skipped_in.includes(what_if) ? quantizer.ranInstead : quantizer.ranToo;
    const rows = instead.map((line) => createSubstitute(line, lines[at], file, word));
    return { whatIf: what_if, at, lines: instead, rows };
  });
  /** The lines on show with their rows, and whether they run. */
  let shown = lines.map((line, n) => ({ line, row: rows[n], runs: true }));
  const linked = () => shown.map(({ row }) => row).filter((row) => row.hasAttribute("tabindex"));
  const [first] = linked();
  if (first) first.tabIndex = 0;
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

    /**
     * Shows what ran.
     * @param {WhatIf[]} whatIfs
     */
    setWhatIfs(whatIfs) {
      for (const insert of inserts) for (const row of insert.rows) row.remove();
      shown = lines.flatMap((line, n) => {
        const skipped = whatIfs.some((whatIf) => line.skipped_in.includes(whatIf));
        markSkipped(rows[n], line, skipped);
        const added = inserts.filter(({ at, whatIf }) => at === n && whatIfs.includes(whatIf));
        rows[n].after(...added.flatMap((insert) => insert.rows));
        return [
          { line, row: rows[n], runs: !skipped },
          ...added.flatMap((insert) => insert.rows.map((row, m) => ({ line: insert.lines[m], row, runs: true }))),
        ];
      });
    },

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
      const outlined = shown.map(({ line, runs }) => runs && stage !== undefined && line.stages.includes(stage));
      shown.forEach(({ row }, n) => {
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
      const made = shown.flatMap(({ line, row, runs }) => runs && line.stages.includes(stage) ? [row] : []);
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
 * @param {Line | undefined} before the line above
 * @returns {HTMLElement}
 */
function createLine({ number, tokens, stages, shape }, before) {
  const text = make("span", "code-text", ...tokens.map(([kind, part]) => kind ? make("span", `tok-${kind}`, part) : part));
  if (!tokens.length) text.append("\n"); // so that a copied listing keeps its blank lines
  const place = make("span", "code-number", String(number));
  place.setAttribute("aria-hidden", "true");
  const row = make("div", "code-line", place, text, make("span", "code-shape", shapeText(shape)));
  row.dataset.line = String(number);
  row.classList.toggle("is-blank", !tokens.length);
  if (!stages.length) return row;
  const shown = stages.find(isLinked);
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

/** @param {number[] | null} shape */
function shapeText(shape) {
  if (shape === null) return "";
  return shape.length ? dimensions(shape) : quantizer.scalar;
}

/**
 * A line of the explainer's own source that runs in a what-if.
 * @param {Line} line
 * @param {Line} above the line of the listing, whose step it shares
 * @param {string} file
 * @param {string} word
 * @returns {HTMLElement}
 */
function createSubstitute(line, above, file, word) {
  const row = createLine(line, above);
  row.classList.add("is-instead");
  row.title = `${file}, ${line.number}`;
  // Its number belongs to another file.
  find(row, ".code-number").textContent = "";
  find(row, ".code-shape").prepend(make("b", "code-mark", word), " ");
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {Line} line
 * @param {boolean} skipped
 */
function markSkipped(row, { shape }, skipped) {
  if (row.classList.contains("is-skipped") === skipped) return;
  row.classList.toggle("is-skipped", skipped);
  const place = find(row, ".code-shape");
  if (skipped) place.replaceChildren(make("b", "code-mark", quantizer.skipped));
  else place.textContent = shapeText(shape);
}
