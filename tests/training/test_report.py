"""The report picture of a run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from torch import Tensor

from vqvae_explainer.errors import UserError
from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.training.report import save_report


def test_report_shows_digits_and_history(
    tiny: ExplainedModel, make_card: Callable[..., ModelCard], digits: Tensor, tmp_path: Path
) -> None:
    card = make_card(tiny.card.config)
    save_report(tiny.model, card, digits, tmp_path / "a.png")
    save_report(tiny.model, card.model_copy(update={"history": card.history[:1]}), digits, tmp_path / "b.png")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.png", "b.png"]
    first, second = imread(tmp_path / "a.png"), imread(tmp_path / "b.png")
    assert first.shape == (900, 1320, 4)
    # The middle third shows digits in many shades of grey.
    assert len(np.unique(first[400:650, 200:1200, 0].round(2))) > 20
    # Only the curves at the top depend on the history.
    changed = (first != second).any(axis=(1, 2)).nonzero()[0]
    assert changed.size
    assert changed.max() < 450


def test_report_that_cannot_be_written(tiny: ExplainedModel, digits: Tensor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot write"):
        save_report(tiny.model, tiny.card, digits, tmp_path / "file" / "tiny.png")
