"""`python -m benchmarks.screenshot`: take the README's picture, docs/page.png, from the running page."""

import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.explainer import Explainer, Watch
from tests.conftest import Server, running

TARGET = Path(__file__).parent.parent / "docs" / "page.png"
SIZE = ViewportSize(width=1440, height=900)
DENSITY = 1.4  # sharp enough, and less than 400 KB
DIGIT = 5


def take(explainer: Explainer) -> None:
    """Draw the example, pin the cell with the most ink, and save the picture."""
    explainer.example(DIGIT)
    explainer.cell("indices", explainer.inked_row()).click()
    explainer.until("() => explainer.store.get('pinned') && explainer.store.get('trace').distances")
    explainer.page.mouse.move(2, 2)
    TARGET.parent.mkdir(exist_ok=True)
    explainer.page.screenshot(path=TARGET)


def main() -> None:
    with running(Server(None)) as server, sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            sys.exit("Chromium is missing: run `python -m tests.browser.install`.")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        context = browser.new_context(
            viewport=SIZE, device_scale_factor=DENSITY, reduced_motion="reduce", color_scheme="dark"
        )
        take(Explainer(context.new_page(), Watch(context)).open(server.url))
        browser.close()
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
