"""Which Chromium the browser tests drive: the system's if there is one, else Playwright's own."""

import shutil
from pathlib import Path

from playwright.async_api import Playwright as AsyncPlaywright
from playwright.sync_api import Playwright

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium(playwright: Playwright | AsyncPlaywright) -> str | None:
    """The path of a Chromium to launch, or None if there is none."""
    system = next((path for name in SYSTEM_NAMES if (path := shutil.which(name))), None)
    if system:
        return system
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None
