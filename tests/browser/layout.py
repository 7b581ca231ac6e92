"""Boxes of what a page shows: which of them overlap, stick out, or are cut off."""

from collections.abc import Iterable

from tests.browser.details import Details
from tests.browser.explainer import Explainer

# Leaves are texts (a box for each line), pictures and controls; a picture with everything laid over it counts as one.
# What a scrolling frame hides is cut away from a leaf; of the rest, no two may share more than a rounding error.
WRONG = """() => {
  scrollTo({ top: 0, behavior: "instant" }); // nothing sticks there
  const LAYERED = ".picture, .cube, .matrix-plot, .codemap-plot";
  const OVERLAYS = ".links, .wires, .flights, .lens, .peek, .visually-hidden, .skip, dialog, .messages, math";
  const CONTROLS = "button, input, select, canvas, img";
  const EDGE = 1.5;
  const name = (leaf) => {
    const part = leaf.element.closest(".part, .matrix, .run, section, header, dialog");
    const what = leaf.text ?? leaf.element.className ?? "";
    return `${part?.className ?? ""}: ${leaf.element.tagName.toLowerCase()} ${JSON.stringify(what).slice(0, 50)}`;
  };
  const frames = new Map();
  // The frames that an element can scroll out of, or be cut off by.
  function framesOf(element) {
    if (!element || element === document.body) return [];
    if (!frames.has(element)) {
      const { overflowX } = getComputedStyle(element);
      const above = framesOf(element.parentElement);
      const cuts = /hidden|clip/.test(overflowX);
      frames.set(element, overflowX === "visible" ? above : [...above, { element, cuts }]);
    }
    return frames.get(element);
  }
  const leaves = [];
  const wrong = [];
  function add(element, box, text) {
    let { left, top, right, bottom } = box;
    if (right - left < 1 || bottom - top < 1) return;
    for (const { element: frame, cuts } of framesOf(element.parentElement)) {
      const edge = frame.getBoundingClientRect();
      const sticksOut = left < edge.left - EDGE || right > edge.right + EDGE;
      if (cuts && sticksOut) wrong.push(`cut off: ${name({ element, text })}`);
      left = Math.max(left, edge.left);
      right = Math.min(right, edge.right);
      top = Math.max(top, edge.top);
      bottom = Math.min(bottom, edge.bottom);
      if (right - left < 1 || bottom - top < 1) return;
    }
    // The boxes of a font are higher than its letters.
    if (text) [top, bottom] = [top + 3, bottom - 3];
    leaves.push({ element, text, left, top, right, bottom });
  }
  const range = document.createRange();
  function visit(element) {
    if (element.matches(OVERLAYS) || !element.checkVisibility({ visibilityProperty: true })) return;
    if (element.matches(LAYERED) || element.matches(CONTROLS)) {
      add(element, element.getBoundingClientRect());
      if (!element.matches("button")) return;
    }
    for (const child of element.childNodes) {
      if (child instanceof Element) visit(child);
      else if (child instanceof Text && child.data.trim()) {
        range.selectNodeContents(child);
        for (const box of range.getClientRects()) add(element, box, child.data.trim());
      }
    }
  }
  visit(document.body);
  for (const leaf of leaves) {
    if (leaf.left < -EDGE || leaf.right > innerWidth + EDGE) wrong.push(`outside the page: ${name(leaf)}`);
  }
  leaves.sort((a, b) => a.top - b.top);
  leaves.forEach((a, n) => {
    for (let m = n + 1; m < leaves.length && leaves[m].top < a.bottom - EDGE; m++) {
      const b = leaves[m];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - b.top;
      if (across <= EDGE || down <= EDGE) continue;
      if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
      wrong.push(`overlap by ${Math.round(across)}×${Math.round(down)}: ${name(a)} | ${name(b)}`);
    }
  });
  for (const button of document.querySelectorAll("button, .badge, .chip")) {
    const { clientWidth: width, scrollWidth } = button;
    if (width && scrollWidth > width + 1) wrong.push(`too narrow: ${button.outerHTML.slice(0, 90)}`);
  }
  const over = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) wrong.push(`scrolls sideways by ${over}`);
  return wrong;
}"""


BOXES = """() => Array.from(document.querySelectorAll("header, main, main *"), (element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x, y, width, height].join();
}).join(" ")"""


def wrong_boxes(explainer: Explainer, width: int) -> list[str]:
    """What is wrong at a width of the window."""
    height = 720 if width >= 1000 else 844
    explainer.page.set_viewport_size({"width": width, "height": height})
    explainer.until("(width) => innerWidth === width", width)
    found: list[str] = explainer.evaluate(WRONG)
    return [f"{width} px: {problem}" for problem in found]


def boxes(explainer: Explainer) -> str:
    """Position and size of every element."""
    text: str = explainer.evaluate(BOXES)
    return text


def check_widths(explainer: Explainer, model: str, widths: Iterable[int]) -> None:
    """Nothing is wrong at any of the widths, with a model, details closed and open."""
    explainer.set("modelName", model)
    explainer.until("(name) => explainer.store.get('model')?.name === name", model).show_example(5)
    for opened in (False, True):
        explainer.set("details", opened)
        if opened:
            Details(explainer).open()
        wrong = [problem for width in widths for problem in wrong_boxes(explainer, width)]
        assert not wrong, "\n".join([f"{model}, details {'open' if opened else 'closed'}", *wrong[:40]])
