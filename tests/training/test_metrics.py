"""Every measured figure against NumPy, cell by cell."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vqvae_explainer.model.card import Figures
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training.metrics import evaluate, inner_cells, near, perplexity

NUMBER = 520  # more than one batch of evaluation, and the last one short


class Oracle:
    """The figures, from the features, codebook and pictures of a model."""

    def __init__(self, model: VQVAE, digits: Tensor) -> None:
        input = digits.float() / 255
        features = model.encoder(input).permute(0, 2, 3, 1).reshape(-1, model.config.embedding_dim)
        vectors, codes = features.double().numpy(), model.quantizer.embeddings.double().numpy()
        squared = np.array([[((vector - code) ** 2).sum() for code in codes] for vector in vectors])
        self.nearest_two = np.sort(squared, axis=1)[:, :2]
        self.counts = np.bincount(squared.argmin(axis=1), minlength=len(codes))
        self.mse = ((model(input).reconstruction.double() - input.double()) ** 2).mean().item()
        self.variance = ((vectors - vectors.mean(axis=0)) ** 2).sum(axis=1).mean()

    @property
    def perplexity(self) -> float:
        shares = [count / self.counts.sum() for count in self.counts if count]
        return math.prod(share**-share for share in shares)


@pytest.fixture(scope="module")
def model(make_model: Callable[[Config], VQVAE], make_config: Callable[..., Config]) -> VQVAE:
    return make_model(make_config())


@pytest.fixture(scope="module")
def oracle(model: VQVAE, digits: Tensor) -> Oracle:
    return Oracle(model, digits[:NUMBER])


@pytest.fixture(scope="module")
def figures(model: VQVAE, digits: Tensor) -> Figures:
    return evaluate(model, digits[:NUMBER])


def test_mse(figures: Figures, oracle: Oracle) -> None:
    assert figures.test_mse == pytest.approx(oracle.mse, rel=1e-5)


def test_code_usage(figures: Figures, oracle: Oracle) -> None:
    np.testing.assert_allclose(figures.code_usage, oracle.counts / oracle.counts.sum(), atol=1e-4)  # two cells
    assert figures.codes_used == (oracle.counts > 0).sum()
    assert figures.codes_used > 1


def test_perplexity_of_the_codes(figures: Figures, oracle: Oracle) -> None:
    assert figures.perplexity == pytest.approx(oracle.perplexity, rel=1e-5)


def test_quantization_error(figures: Figures, oracle: Oracle) -> None:
    expected = oracle.nearest_two[:, 0].mean() / oracle.variance
    assert figures.quantization_error == pytest.approx(expected, rel=1e-3)


def test_margin(figures: Figures, oracle: Oracle) -> None:
    expected = (oracle.nearest_two[:, 0] / oracle.nearest_two[:, 1]).mean()
    assert figures.margin == pytest.approx(expected, rel=1e-3)


def test_size_in_bits(figures: Figures) -> None:
    assert figures.bits_per_image == pytest.approx(49 * math.log2(20)) == pytest.approx(211.774, abs=1e-3)
    assert figures.compression_ratio == pytest.approx(28 * 28 * 8 / 211.774, rel=1e-5)


def test_evaluation_leaves_the_model_as_it_was(model: VQVAE, digits: Tensor) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    evaluate(model, digits[:4])
    assert model.training
    model.eval()
    evaluate(model, digits[:4])
    assert not model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_evaluation_repeats(model: VQVAE, digits: Tensor) -> None:
    assert evaluate(model, digits[:20]) == evaluate(model, digits[:20])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([7, 0, 0], 1), ([5, 5], 2), ([3] * 20, 20), ([1, 1, 0, 2], 2 * math.sqrt(2))],
)
def test_perplexity(counts: list[int], expected: float) -> None:
    assert perplexity(torch.tensor(counts)) == pytest.approx(expected)


class Painter(nn.Module):
    """A decoder whose writes are known: a cell paints its first number around its own 4×4 patch."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach = reach  # px beyond the patch

    def forward(self, quantized: Tensor) -> Tensor:
        picture = torch.zeros(len(quantized), 1, 28, 28)
        for row in range(7):
            for column in range(7):
                top, left = max(row * 4 - self.reach, 0), max(column * 4 - self.reach, 0)
                bottom, right = row * 4 + 4 + self.reach, column * 4 + 4 + self.reach
                picture[:, :, top:bottom, left:right] += quantized[:, :1, row, column][:, :, None, None]
        return picture


@pytest.fixture
def measured_locality(
    make_model: Callable[[Config], VQVAE], make_config: Callable[..., Config]
) -> Callable[[nn.Module], float]:
    """The measured locality of a decoder, given the first numbers of the codes are 0, 1, 2, ..."""

    def measure(decoder: nn.Module) -> float:
        model = make_model(make_config())
        model.decoder = decoder
        model.quantizer.embeddings.copy_(torch.arange(20.0)[:, None].expand(20, 16))
        return evaluate(model, torch.randint(256, (2000, 1, 28, 28), dtype=torch.uint8)).locality

    return measure


@pytest.mark.parametrize("reach", [0, 4])
def test_locality_of_local_writes(measured_locality: Callable[[nn.Module], float], reach: int) -> None:
    assert measured_locality(Painter(reach)) == pytest.approx(1)


# Sides of the window, and of what is painted, in the five places of an inner cell along an axis.
WINDOW = [12, 12, 12, 12, 12]


@pytest.mark.parametrize(("reach", "painted"), [(5, [13, 14, 14, 14, 13]), (28, [28] * 5)])
def test_locality_of_writes_too_far(
    measured_locality: Callable[[nn.Module], float], reach: int, painted: list[int]
) -> None:
    expected = (sum(WINDOW) / sum(painted)) ** 2
    assert measured_locality(Painter(reach)) == pytest.approx(expected, rel=0.03)


def test_decoder_that_ignores_its_codes_is_measured(measured_locality: Callable[[nn.Module], float]) -> None:
    assert math.isfinite(measured_locality(Painter(-4)))


@pytest.mark.parametrize(("across", "inner"), [(1, {0}), (2, {0, 1}), (3, {1}), (7, {1, 2, 3, 4, 5})])
def test_inner_cells_have_neighbours_on_both_sides_where_there_are_such(across: int, inner: set[int]) -> None:
    drawn = inner_cells(across, 500, torch.Generator().manual_seed(0))
    assert set(drawn.tolist()) == inner


def test_near_marks_three_patches_and_stops_at_the_edge() -> None:
    marked = near(torch.tensor([0, 3, 6]), 7)
    assert [row.nonzero().flatten().tolist() for row in marked] == [
        list(range(8)),
        list(range(8, 20)),
        list(range(20, 28)),
    ]
