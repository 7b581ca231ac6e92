"""The classifier that judges samples."""

import torch
from torch import Tensor

from vqvae_explainer.training.prior.classifier import judge, load_classifier, train_classifier


def test_it_learns(train_digits: Tensor, train_labels: Tensor, digits: Tensor, test_labels: Tensor) -> None:
    classifier = train_classifier(train_digits[:4096], train_labels[:4096], epochs=1)
    classes, features = judge(classifier, digits[:500].float() / 255)
    assert features.shape == (500, 64)
    assert (classes == test_labels[:500]).double().mean() > 0.7


def test_shipped_weights(digits: Tensor, test_labels: Tensor) -> None:
    """99.2% of all test digits is a metric of the prior's card; here on some."""
    classes, features = judge(load_classifier(), digits[:2000].float() / 255)
    assert (classes == test_labels[:2000]).double().mean() >= 0.985
    assert torch.isfinite(features).all()
