"""Marks every test in this folder `soak`: `make test` leaves them out, `make soak` runs them."""

from pathlib import Path

import pytest

# One `browser` for all modules: Playwright runs only once at a time.
from tests.browser.conftest import (  # noqa: F401
    browser,
    explainer,
    many_models,
    models_page,
    share,
    shared_pages,
    shipped,
    visit,
)
from tests.server.conftest import pair, schema, stream, watched  # noqa: F401

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.soak)
