"""Every width from 360 to 2560 px with every shipped model: nothing overlaps, nothing is cut off."""

from pathlib import Path

import pytest

from tests.browser.conftest import browser, explainer, share, shared_pages, shipped  # noqa: F401
from tests.browser.explainer import Explainer
from tests.browser.layout import check_widths

MODELS = sorted(
    path.stem for path in (Path(__file__).parents[2] / "weights").glob("*.safetensors") if "." not in path.stem
)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_overlaps_at_any_width(explainer: Explainer, model: str) -> None:  # noqa: F811
    check_widths(explainer, model, range(360, 2561, 20))
