"""`python -m benchmarks.screenshot`: take the pictures of the running page.

docs/page.png and docs/static.png (without a server) for the README, docs/generate.png for docs/models.md,
static/preview.jpg for links to the page, and static/favicon.ico from static/favicon.svg.
"""

import struct
import sys

from playwright.sync_api import Browser, sync_playwright

from benchmarks.exported import exported
from benchmarks.measuring import ROOT, SERVE, serving
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.conftest import open_page
from tests.browser.explainer import Explainer

TARGET = ROOT / "docs" / "page.png"
STATIC = ROOT / "docs" / "static.png"
GENERATE = ROOT / "docs" / "generate.png"
DENSITY = 1.35  # sharp enough, and less than 400 KB
PREVIEW = ROOT / "static" / "preview.jpg"
PREVIEW_SIZE = {"width": 1440, "height": 756}
PREVIEW_DENSITY = 1200 / 1440  # 1200×630, the size that Open Graph recommends
ICON = ROOT / "static" / "favicon.ico"
ICON_SIZE = 32
DIGIT = 5


def take(explainer: Explainer) -> None:
    """Draw the example, pin the cell with the most ink, and save the picture."""
    explainer.example(DIGIT)
    explainer.pin("indices", explainer.inked_row())
    explainer.until("() => explainer.store.get('trace').distances")
    explainer.page.mouse.move(2, 2)
    explainer.page.screenshot(path=TARGET)


def take_static(explainer: Explainer) -> None:
    """The details of the exported page."""
    explainer.example(DIGIT)
    explainer.page.keyboard.press("v")
    explainer.until("() => explainer.store.get('trace').distances")
    explainer.page.mouse.move(2, 2)
    explainer.page.wait_for_timeout(500)  # the view scrolls
    explainer.page.screenshot(path=STATIC)


def take_generate(explainer: Explainer) -> None:
    """A digit that the prior has half written."""
    explainer.example(DIGIT)
    explainer.set("digit", 2).set("generate", True)
    explainer.until("() => explainer.store.get('writing')?.known === 49").set("written", 24)
    explainer.until("() => explainer.store.get('previews')?.row === 24").settled()
    explainer.page.locator(".writer").screenshot(path=GENERATE)


def take_preview(explainer: Explainer) -> None:
    explainer.example(DIGIT)
    explainer.page.mouse.move(2, 2)
    explainer.page.screenshot(path=PREVIEW, type="jpeg", quality=82)


def draw_icon(browser: Browser) -> None:
    """The icon as a picture in the container that browsers ask for by themselves."""
    page = browser.new_page(viewport={"width": ICON_SIZE, "height": ICON_SIZE})
    drawing = (ROOT / "static" / "favicon.svg").read_text(encoding="utf-8")
    page.set_content(
        f"<style>body {{ margin: 0 }} svg {{ display: block; width: 100vw; height: 100vh }}</style>{drawing}"
    )
    picture = page.screenshot(omit_background=True)
    start = struct.pack("<HHH", 0, 1, 1)  # an icon of one picture
    entry = struct.pack("<BBBBHHII", ICON_SIZE, ICON_SIZE, 0, 0, 1, 32, len(picture), len(start) + 16)
    ICON.write_bytes(start + entry + picture)


def main() -> None:
    with serving(*SERVE) as server, exported() as static_url, sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            sys.exit("Chromium is missing: run `python -m tests.browser.install`.")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        take(open_page(browser, server.url, device_scale_factor=DENSITY)[1])
        take_generate(open_page(browser, server.url)[1])
        take_preview(open_page(browser, server.url, viewport=PREVIEW_SIZE, device_scale_factor=PREVIEW_DENSITY)[1])
        take_static(open_page(browser, static_url, color_scheme="light")[1])
        draw_icon(browser)
        browser.close()
    for target in (TARGET, STATIC, GENERATE, PREVIEW, ICON):
        print(f"{target}: {target.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
