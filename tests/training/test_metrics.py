"""Every metric against NumPy."""

import math
from base64 import b64decode
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vqvae_explainer.model.card import Metrics
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training import metrics
from vqvae_explainer.training.metrics import (
    auroc,
    evaluate,
    inner_cells,
    near,
    number_of_parameters,
    perplexity,
)
from vqvae_explainer.training.out_of_distribution import non_digits

NUMBER = 520  # more than one batch of evaluation, the last one smaller
NON_DIGITS = 70


@pytest.fixture(scope="module", autouse=True)
def few_non_digits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "out_of_distribution", lambda: non_digits(NON_DIGITS, seed=0))
        yield


class Oracle:
    """The metrics, from the features, codebook and reconstructions of a model."""

    def __init__(self, model: VQVAE, digits: Tensor) -> None:
        input = digits.float() / 255
        features = model.encoder(input).permute(0, 2, 3, 1).reshape(-1, model.config.embedding_dim)
        vectors, codes = features.double().numpy(), model.quantizer.embeddings.double().numpy()
        squared = np.stack([((vectors - code) ** 2).sum(axis=1) for code in codes], axis=1)
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
def figures(model: VQVAE, digits: Tensor) -> Metrics:
    return evaluate(model, digits[:NUMBER])


def test_usage_by_cell(figures: Metrics, model: VQVAE, digits: Tensor) -> None:
    height, width = model.grid.shape
    counts = np.frombuffer(b64decode(figures.code_usage_by_cell), "<u2").reshape(-1, height, width)
    indices = model(digits[:NUMBER].float() / 255).levels[-1].indices.numpy()
    for code in range(len(counts)):
        assert (counts[code] == (indices == code).sum(axis=0)).all()
    assert counts.sum() == NUMBER * height * width


def test_mse(figures: Metrics, oracle: Oracle) -> None:
    assert figures.test_mse == pytest.approx(oracle.mse, rel=1e-5)


def test_code_usage(figures: Metrics, oracle: Oracle) -> None:
    np.testing.assert_allclose(figures.code_usage, oracle.counts / oracle.counts.sum(), atol=1e-4)  # two cells
    assert figures.codes_used == (oracle.counts > 0).sum()
    assert figures.codes_used > 1


def test_perplexity_of_the_codes(figures: Metrics, oracle: Oracle) -> None:
    assert figures.perplexity == pytest.approx(oracle.perplexity, rel=1e-4)  # a cell may lie between two codes


def test_quantization_error(figures: Metrics, oracle: Oracle) -> None:
    expected = oracle.nearest_two[:, 0].mean() / oracle.variance
    assert figures.quantization_error == pytest.approx(expected, rel=1e-3)


def test_margin(figures: Metrics, oracle: Oracle) -> None:
    expected = (oracle.nearest_two[:, 0] / oracle.nearest_two[:, 1]).mean()
    assert figures.margin == pytest.approx(expected, rel=1e-3)


def test_size_in_bits(figures: Metrics) -> None:
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
    """A decoder with known locality: a cell adds its first number to its 4×4 patch and `reach` pixels around."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach = reach  # pixels

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
    """The locality of a decoder when the codes are (0, 0, …), (1, 1, …), …"""

    def measure(decoder: nn.Module) -> float:
        model = make_model(make_config())
        model.decoder = decoder
        model.quantizer.embeddings.copy_(torch.arange(20.0)[:, None].expand(20, 16))
        return evaluate(model, torch.randint(256, (2000, 1, 28, 28), dtype=torch.uint8)).locality

    return measure


@pytest.mark.parametrize("reach", [0, 4])
def test_locality_of_local_writes(measured_locality: Callable[[nn.Module], float], reach: int) -> None:
    assert measured_locality(Painter(reach)) == pytest.approx(1)


# Sides of the window, and of what is painted, for the five positions of an inner cell along an axis.
WINDOW = [12, 12, 12, 12, 12]


@pytest.mark.parametrize(("reach", "painted"), [(5, [13, 14, 14, 14, 13]), (28, [28] * 5)])
def test_locality_of_distant_writes(
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
    marked = near(torch.tensor([0, 3, 6]), 4)
    assert [row.nonzero().flatten().tolist() for row in marked] == [
        list(range(8)),
        list(range(8, 20)),
        list(range(20, 28)),
    ]


@pytest.fixture(scope="module")
def errors(model: VQVAE, digits: Tensor) -> np.ndarray:
    """Of each digit, with NumPy."""
    input = digits[:NUMBER].float() / 255
    shown = np.clip(model(input).reconstruction.double().numpy(), 0, 1)
    return ((shown - input.double().numpy()) ** 2).mean(axis=(1, 2, 3))


def test_error_percentiles(figures: Metrics, errors: np.ndarray) -> None:
    assert len(figures.error_percentiles) == 101
    np.testing.assert_allclose(figures.error_percentiles, np.percentile(errors, range(101)), rtol=1e-4)


def test_auroc_of_the_model(figures: Metrics, model: VQVAE, errors: np.ndarray) -> None:
    """By comparing every pair of a digit and a drawing that is not one."""
    input = non_digits(NON_DIGITS, seed=0).float() / 255
    others = (model(input).reconstruction.clamp(0, 1) - input).square().mean(dim=(1, 2, 3)).double().numpy()
    pairs = (others[:, None] > errors).mean() + (others[:, None] == errors).mean() / 2
    assert figures.auroc == pytest.approx(pairs, abs=1e-4)


@pytest.mark.parametrize(
    ("negatives", "positives", "expected"),
    [
        ([1, 2, 3], [4, 5], 1),
        ([4, 5], [1, 2], 0),
        ([1, 3], [2], 0.5),
        ([1, 1], [1], 0.5),
        ([1, 2, 2, 3], [2, 3], 0.6875),
    ],
)
def test_auroc(negatives: list[float], positives: list[float], expected: float) -> None:
    assert auroc(torch.tensor(negatives).double(), torch.tensor(positives).double()) == pytest.approx(expected)


def test_usage_of_cells_with_ink(figures: Metrics, model: VQVAE, digits: Tensor) -> None:
    chosen = model(digits[:NUMBER].float() / 255).quantization.indices
    counts = np.zeros(20)
    for picture, grid in zip(digits[:NUMBER, 0].numpy(), chosen.numpy(), strict=True):
        for row in range(7):
            for column in range(7):
                if picture[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4].any():
                    counts[grid[row, column]] += 1
    np.testing.assert_allclose(figures.code_usage_inked, counts / counts.sum(), atol=2e-4)
    assert not np.allclose(figures.code_usage_inked, figures.code_usage, atol=0.01)


def test_blank_digits_have_no_cells_with_ink(model: VQVAE) -> None:
    assert evaluate(model, torch.zeros(2, 1, 28, 28, dtype=torch.uint8)).code_usage_inked == [0] * 20


@pytest.mark.parametrize("codebook", ["ema", "gradient", "frozen"])
def test_number_of_parameters(make_config: Callable[..., Config], codebook: str) -> None:
    """The 20·16 numbers of the codebook count in every mode."""
    model = VQVAE(make_config(codebook=codebook))
    networks = [*model.encoder.parameters(), *model.decoder.parameters()]
    assert number_of_parameters(model) == sum(p.numel() for p in networks) + 20 * 16


def test_overshooting_ink_is_clamped(make_model: Callable[[Config], VQVAE], make_config: Callable[..., Config]) -> None:
    class Overshooting(nn.Module):
        def forward(self, quantized: Tensor) -> Tensor:
            return torch.full((len(quantized), 1, 28, 28), 1.5)

    model = make_model(make_config(output="linear"))
    model.decoder = Overshooting()
    assert evaluate(model, torch.full((3, 1, 28, 28), 255, dtype=torch.uint8)).test_mse == 0


def test_one_code_per_digit(make_model: Callable[[Config], VQVAE], make_config: Callable[..., Config]) -> None:
    """On a 1×1 grid, nothing is outside the window."""
    model = make_model(make_config(architecture="mlp", output="linear", embedding_dim=8))
    figures = evaluate(model, torch.randint(256, (50, 1, 28, 28), dtype=torch.uint8))
    assert figures.locality == pytest.approx(1)
    assert figures.bits_per_image == pytest.approx(math.log2(20))
    assert figures.code_usage == figures.code_usage_inked
