"""Sampling from a prior: given codes, temperature, seeds, and the random numbers that the protocol describes."""

import numpy as np
import pytest

from tests.explain.test_prior import numpy_prior
from tests.model.test_prior import network
from vqvae_explainer.explain.prior import NumpyPrior
from vqvae_explainer.explain.sampling import FREE, Sample, Settings, draw_class, pick, probabilities, sample, uniform
from vqvae_explainer.explain.scoring import score

NOTHING = np.full(20, FREE)


@pytest.fixture(scope="module")
def prior() -> NumpyPrior:
    own = network("transformer", (5, 4, 12))
    for parameter in own.parameters():
        parameter.mul_(2)
    return numpy_prior(own)


def settings(**changes: object) -> Settings:
    return Settings(digit=3, temperature=1.0, top_k=None, seed=7, given=NOTHING)._replace(**changes)


def one(prior: NumpyPrior, **changes: object) -> Sample:
    return sample(prior, [settings(**changes)])[0]


def test_uniform_is_mulberry32() -> None:
    """The first numbers of `mulberry32(0)` and `mulberry32(12345)` in JavaScript."""
    assert [uniform(0, n) for n in range(3)] == [0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]
    assert uniform(12345, 0) == 0.9797282677609473
    numbers = [uniform(seed, n) for seed in range(300) for n in range(20)]
    assert np.mean(numbers) == pytest.approx(0.5, abs=0.01)
    assert np.abs(np.histogram(numbers, bins=10, range=(0, 1))[0] / 600 - 1).max() < 0.15


def test_the_same_seed_gives_the_same_sample(prior: NumpyPrior) -> None:
    first, again, other = (one(prior, seed=seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first.codes, again.codes)
    assert (first.codes != other.codes).any()


def test_batches_do_not_change_samples(prior: NumpyPrior) -> None:
    given = NOTHING.copy()
    given[:6] = 2
    batch = [settings(seed=1), settings(seed=2, digit=None), settings(seed=3, given=given, temperature=0.5, top_k=3)]
    for together, alone in zip(sample(prior, batch), (sample(prior, [item])[0] for item in batch), strict=True):
        np.testing.assert_array_equal(together.codes, alone.codes)
        np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=1e-5)
        assert together.digit == alone.digit


def test_each_code_is_picked_from_its_distribution(prior: NumpyPrior) -> None:
    found = one(prior)
    assert found.probabilities.shape == (20, 12)
    for cell, code in enumerate(found.codes):
        assert pick(found.probabilities[cell], uniform(7, 1 + cell)) == code
    chosen = found.probabilities[np.arange(20), found.codes]
    np.testing.assert_allclose(found.bits, -np.log2(chosen))
    logits = prior.read(found.codes.reshape(1, -1), np.array([3]))[0]
    np.testing.assert_allclose(found.probabilities, probabilities(logits, 1.0, None), atol=1e-5)


def test_given_codes_stay_and_earlier_cells_do_not_know_of_them(prior: NumpyPrior) -> None:
    given = NOTHING.copy()
    given[[0, 1, 2, 10]] = 5, 6, 7, 8
    found, without = one(prior, given=given), one(prior, given=np.where(np.arange(20) < 3, given, FREE))
    np.testing.assert_array_equal(found.codes[[0, 1, 2, 10]], [5, 6, 7, 8])
    np.testing.assert_array_equal(found.codes[:10], without.codes[:10])
    everything = np.arange(20) % 12
    complete = one(prior, given=everything, digit=None)
    np.testing.assert_array_equal(complete.codes, everything)
    assert complete.probabilities.shape == (20, 12)


def test_going_on_from_a_sample_gives_the_same_sample(prior: NumpyPrior) -> None:
    """Random numbers belong to cells: the page can rewind without a new answer."""
    found = one(prior)
    given = NOTHING.copy()
    given[:9] = found.codes[:9]
    np.testing.assert_array_equal(one(prior, given=given).codes, found.codes)


def test_temperature_and_top_k(prior: NumpyPrior) -> None:
    logits = np.array([1.0, 3.0, 3.0, 2.0, -1.0])
    exact = np.exp(logits / 0.5) / np.exp(logits / 0.5).sum()
    np.testing.assert_allclose(probabilities(logits, 0.5, None), exact)
    assert np.flatnonzero(probabilities(logits, 1.0, 1)).tolist() == [1]
    np.testing.assert_allclose(probabilities(logits, 1.0, 3)[[1, 2]], np.exp(3) / (2 * np.exp(3) + np.exp(2)))
    np.testing.assert_array_equal(probabilities(logits, 1.0, 99), probabilities(logits, 1.0, None))
    assert one(prior, temperature=0.1).bits.sum() < one(prior).bits.sum() < one(prior, temperature=2).bits.sum()
    assert ((one(prior, top_k=2).probabilities > 0).sum(axis=1) == 2).all()


def test_a_class_is_drawn_by_its_probability_given_the_first_codes(prior: NumpyPrior) -> None:
    assert {draw_class(prior, settings(seed=seed)) for seed in range(100)} == set(range(10))
    codes = one(prior, digit=4).codes
    given = np.where(np.arange(20) < 12, codes, FREE)
    # p(class | the first 12 codes), from the bits that each class gives to them.
    logits = prior.read(np.tile(codes, (10, 1)), np.arange(10))[:, :12].astype(np.float64)
    logits -= np.log(np.exp(logits).sum(axis=2, keepdims=True))
    likelihood = np.exp(logits[:, np.arange(12), given[:12]].sum(axis=1))
    drawn = np.bincount([draw_class(prior, settings(seed=seed, given=given)) for seed in range(500)], minlength=10)
    np.testing.assert_allclose(drawn / 500, likelihood / likelihood.sum(), atol=0.06)


def test_scores_add_up(prior: NumpyPrior) -> None:
    batch = [one(prior, seed=seed).codes for seed in range(3)]
    for codes, found in zip(batch, score(prior, batch), strict=True):
        for digit in range(10):
            bits = one(prior, digit=digit, given=codes).bits
            assert found.class_bits[digit] == pytest.approx(bits.sum(), abs=1e-3)
        assert found.bits.shape == (20,)
        assert found.bits.sum() == pytest.approx(-np.log2(np.mean(2.0**-found.class_bits)), abs=1e-6)
        assert found.unigram_bits == pytest.approx(-np.log2((codes + 1) / 78).sum())
