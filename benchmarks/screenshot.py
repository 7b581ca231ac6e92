"""`python -m benchmarks.screenshot`: take the README's picture, docs/page.png, from the running page."""

import sys

from playwright.sync_api import sync_playwright

from benchmarks.measuring import ROOT, SERVE, serving
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.conftest import open_page
from tests.browser.explainer import Explainer

TARGET = ROOT / "docs" / "page.png"
DENSITY = 1.35  # sharp enough, and less than 400 KB
DIGIT = 5


def take(explainer: Explainer) -> None:
    """Draw the example, pin the cell with the most ink, and save the picture."""
    explainer.example(DIGIT)
    explainer.pin("indices", explainer.inked_row())
    explainer.until("() => explainer.store.get('trace').distances")
    explainer.page.mouse.move(2, 2)
    explainer.page.screenshot(path=TARGET)


def main() -> None:
    with serving(*SERVE) as server, sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            sys.exit("Chromium is missing: run `python -m tests.browser.install`.")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        _, explainer = open_page(browser, server.url, device_scale_factor=DENSITY)
        take(explainer)
        browser.close()
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
