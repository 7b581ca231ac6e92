"""The report picture of a run."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from matplotlib.image import imread
from torch import Tensor

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.training.report import plot_report


def test_report_shows_digits_and_history(tiny: LiveModel, make_card: Callable[..., ModelCard], digits: Tensor) -> None:
    card = make_card(tiny.card.config)
    cards = (card, card.model_copy(update={"history": card.history[:1]}))
    first, second = (imread(BytesIO(plot_report(tiny.model, card, digits))) for card in cards)
    assert first.shape == (900, 1320, 4)
    # The middle third shows digits in many shades of grey.
    assert len(np.unique(first[400:650, 200:1200, 0].round(2))) > 20
    # Only the curves at the top depend on the history.
    changed = (first != second).any(axis=(1, 2)).nonzero()[0]
    assert changed.size
    assert changed.max() < 450
