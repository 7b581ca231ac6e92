"""`python -m tests.browser.install`: have Playwright download its Chromium unless there is one already."""

import subprocess
import sys

from playwright.sync_api import sync_playwright

from tests.browser.chromium import find_chromium


def main() -> None:
    with sync_playwright() as playwright:
        found = find_chromium(playwright)
    if found:
        print(f"Browser tests use {found}.")
        return
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if done.returncode:
        print("Playwright could not download Chromium: install chromium or google-chrome for the browser tests.")


if __name__ == "__main__":
    main()
