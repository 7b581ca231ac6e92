"""The prior in NumPy gives the logits of PyTorch."""

import numpy as np
import pytest
import torch

from tests.model.test_prior import GRIDS, TWO_LEVELS, network, random_codes
from vqvae_explainer.explain.prior import NumpyPrior
from vqvae_explainer.training.prior.networks import Network, to_numpy

EQUAL = np.full(64, 1 / 64)


def numpy_prior(own: Network) -> NumpyPrior:
    """The same prior without PyTorch; code k of the first level is k + 1 times as frequent as code 0."""
    usage = np.arange(1.0, len(own.config.grids) * own.config.num_embeddings + 1)
    return NumpyPrior(own.config, to_numpy(own), usage / usage.sum())


@pytest.mark.parametrize(("grid", "changes"), [*((grid, {}) for grid in GRIDS), (GRIDS[0], TWO_LEVELS)])
def test_logits_are_those_of_pytorch(grid: tuple[int, int, int], changes: dict[str, object]) -> None:
    own = network("transformer", grid, **changes)
    for tensor in own.parameters():  # larger than at the start of a training
        tensor.mul_(2)
    prior = numpy_prior(own)
    codes, labels = random_codes(own, 3), torch.tensor([0, 9, 10])
    expected = own(codes, labels).numpy()
    found = prior.read(codes.numpy(), labels.numpy())
    np.testing.assert_allclose(found, expected, atol=1e-4)

    state = prior.start(labels.numpy())
    parts = []
    for cell in range(codes.shape[1]):
        parts.append(prior.predict(state, cell + 1))
        state.codes[:, cell] = codes[:, cell]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), expected, atol=1e-4)

    state = prior.start(labels.numpy())
    half = codes.shape[1] // 2
    state.codes[:, :half] = codes[:, :half]
    np.testing.assert_allclose(prior.predict(state, half + 1), expected[:, : half + 1], atol=1e-4)


def test_other_priors_are_refused() -> None:
    own = network("transformer", (3, 4, 64))
    tensors = dict(to_numpy(own))
    del tensors["layers.1.mix.bias"]
    with pytest.raises(ValueError, match="do not fit"):
        NumpyPrior(own.config, tensors, EQUAL)
    with pytest.raises(ValueError, match="do not fit"):
        NumpyPrior(own.config, tensors | {"rows.weight": np.zeros((9, 16), dtype=np.float32)}, EQUAL)
    pixelcnn = network("pixelcnn", (3, 4, 64))
    with pytest.raises(ValueError, match="only transformers"):
        NumpyPrior(pixelcnn.config, to_numpy(pixelcnn), EQUAL)
