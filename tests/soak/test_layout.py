"""Every width from 360 to 2560 px with every shipped model: nothing overlaps, nothing is cut off."""

from pathlib import Path

import pytest

from tests.browser import test_generate as generate
from tests.browser.explainer import Explainer
from tests.browser.layout import check_widths

MODELS = sorted(
    path.stem for path in (Path(__file__).parents[2] / "weights").glob("*.safetensors") if "." not in path.stem
)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_overlaps_at_any_width(explainer: Explainer, model: str) -> None:
    check_widths(explainer, model, range(360, 2561, 20))


def test_nothing_overlaps_where_digits_are_generated(models_page: Explainer) -> None:
    generate.check_widths(generate.opened(models_page), range(360, 2561, 20))
