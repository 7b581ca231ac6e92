"""Codes are packed with the prior and unpacked exactly."""

import numpy as np
import torch

from tests.explain.test_prior import numpy_prior
from tests.model.test_prior import TWO_LEVELS, network, random_codes
from vqvae_explainer.explain.compression import compress, decompress
from vqvae_explainer.explain.scoring import score


def test_codes_are_unpacked_exactly() -> None:
    own = network("transformer", (5, 4, 12), **TWO_LEVELS)
    torch.nn.init.normal_(own.logits.bias, std=1)  # the coder's frequencies are integers: none is very rare
    prior = numpy_prior(own)
    batch = list(random_codes(own, 8).numpy())
    for codes, found in zip(batch, score(prior, batch), strict=True):
        packed = compress(prior, codes, found.class_bits)
        assert packed.digit == found.class_bits.argmin()
        np.testing.assert_array_equal(decompress(prior, packed.bits), codes)
        assert found.bits.sum() - 0.1 < len(packed.bits) < found.class_bits.min() + np.log2(10) + 2.1
