"""The page's own kernel gives PyTorch's results: all shipped models and networks of odd sizes, with SIMD and without.

PyTorch computes them in double precision, because its own rounding in single precision can be larger than the kernel's.
"""

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vqvae_explainer.explain.backend import Floats, Indices
from vqvae_explainer.explain.bundle import check_of
from vqvae_explainer.explain.gradients import Gradients, gradients
from vqvae_explainer.explain.torch_backend import TorchBackend
from vqvae_explainer.explain.trace import NO_CODE, decode, to_input, trace
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.grid import Grid
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import load_weights, save_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.training.drawings import authored_digits

from .assemble import MODULE, SOURCE, assemble

SCRIPT = Path(__file__).with_name("kernel.js")
DENO = Path(sys.executable).parent / "deno"
SHIPPED = sorted(path.stem for path in resource("weights").glob("*.safetensors") if "." not in path.stem)
FORMS = ("simd", "plain")
VARIANTS = ("normal", "bypass", "wrong-reshape")
LOSSES = ("reconstruction", "codebook", "commitment")
BACKWARD = 4  # drawings
TOLERANCE, BACKWARD_TOLERANCE = 2e-5, 1e-5  # of the range
# Decoders multiply the rounding of vectors that are far from all codes: PyTorch's own single precision is 7e-5 off.
BYPASS_TOLERANCE = 1e-4


def make_drawings() -> list[bytes]:
    """Twenty: the ten authored digits, nine of random ink, and a blank one."""
    rng = np.random.default_rng(0)
    noise = [(rng.random(784) < share) * rng.integers(0, 256, 784) for share in np.linspace(0.05, 1, 9)]
    authored = [bytes(digit.flatten().tolist()) for digit in authored_digits()]
    drawings = [*authored, *(ink.astype(np.uint8).tobytes() for ink in noise), bytes(784)]
    # The backward pass takes the first ones: of each kind.
    return [drawings[0], drawings[10], drawings[-1], *drawings[1:10], *drawings[11:-1]]


DRAWINGS = make_drawings()


def run_kernel(folder: Path, weights: list[Path], drawings: list[bytes] = DRAWINGS, backward: int = BACKWARD) -> None:
    (folder / "drawings").write_bytes(b"".join(drawings))
    permissions = ["--allow-read", f"--allow-write={folder}"]
    command = [DENO, "run", "--no-check", "--no-remote", "--no-npm", "--no-prompt", *permissions]
    done = subprocess.run(
        [*command, SCRIPT, folder, str(backward), *weights],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


class Results:
    """The numbers that the kernel wrote, read one tensor after the other."""

    def __init__(self, path: Path) -> None:
        self._numbers = np.fromfile(path, np.float32)
        self._at = 0

    def next(self, *shape: int) -> Floats:
        self._at += (size := int(np.prod(shape)))
        return self._numbers[self._at - size : self._at].reshape(shape)

    @property
    def finished(self) -> bool:
        return self._at == len(self._numbers)


class DoubleBackend(TorchBackend):
    """Runs a model in double precision."""

    def __init__(self, model: VQVAE) -> None:
        super().__init__(deepcopy(model).double())

    def encode(self, input: Floats, *known: Floats) -> Floats:
        return super().encode(input.astype(np.float64), *known)


def exact_gradients(model: VQVAE, drawings: list[bytes], straight_through: bool) -> list[Gradients]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vqvae_explainer.explain.gradients.to_input", lambda drawings: to_input(drawings).astype(float))
        return gradients(deepcopy(model).double(), drawings, straight_through)


def codes_of(grid: Grid) -> Indices:
    cells = np.arange(grid.cells).reshape(grid.shape)
    return (7 * cells + 3) % grid.num_embeddings


class Exact:
    """A model's results in double precision."""

    def __init__(self, model: VQVAE, drawings: list[bytes], backward: int) -> None:
        backend = DoubleBackend(model)
        grids = {level.id: codes_of(level.grid) for level in model.levels}
        # All levels, and of two each without the other.
        alone = grids if len(grids) > 1 else {}
        decoded = [grids, *({**grids, id: np.full_like(grid, NO_CODE)} for id, grid in alone.items())]
        self.codebooks = {level.id: level.quantizer.embeddings.numpy() for level in model.levels}
        self.traces = {variant: trace(backend, drawings, variant) for variant in VARIANTS}
        self.decoded = decode(backend, *([one[id] for one in decoded] for id in grids))
        self.gradients = {
            straight_through: exact_gradients(model, drawings[:backward], straight_through)
            for straight_through in (True, False)
        }


def check(folder: Path, name: str, model: VQVAE, drawings: list[bytes] = DRAWINGS, backward: int = BACKWARD) -> None:
    """Compare the kernel's results in a folder, with SIMD and without, with the model's."""
    exact = Exact(model, drawings, backward)
    for form in FORMS:
        compare(folder / f"{name}.{form}", exact)


def compare(path: Path, exact: Exact) -> None:
    results = Results(path)
    stages = Comparison(path.name, TOLERANCE)
    for variant, traces in exact.traces.items():
        ties = 0
        for expected in traces:
            same = True
            for level, of in expected.levels.items():
                stages.add(f"{variant} features {level}", results, of.features, same)
                stages.add(f"{variant} distances {level}", results, of.distances, same)
                indices = results.next(*of.indices.shape).astype(int)
                same = check_choice(indices, of.indices, of.distances) if same else False
                quantized = exact.codebooks[level][indices]
                np.testing.assert_array_equal(results.next(*quantized.shape), quantized)
            ties += not same
            # Another code of the same distance makes another picture.
            stages.add(f"{variant} reconstruction", results, expected.reconstruction, same or variant == "bypass")
            losses = results.next(len(expected.losses))
            np.testing.assert_allclose(losses, list(expected.losses.values()), rtol=1e-4 if same else 1e-2, atol=1e-10)
        assert ties <= len(traces) / 20, f"{path.name} {variant}: {ties} drawings have another code"
    for n, picture in enumerate(exact.decoded):
        stages.add(f"decoded {n}", results, picture)
    stages.check()
    derivatives = Comparison(path.name, BACKWARD_TOLERANCE)
    for straight_through, found in exact.gradients.items():
        for by in found:
            for level, of in by.levels.items():
                derivatives.add(f"quantized {level} {straight_through}", results, of.quantized)
                for name, group in (("features", of.features), ("embeddings", of.embeddings)):
                    for loss in LOSSES:
                        derivatives.add(f"{name} {level} {straight_through} {loss}", results, group[loss])
    derivatives.check()
    assert results.finished


class Comparison:
    """Compares tensors of several drawings. Errors are relative to the range that a tensor has over all of them."""

    def __init__(self, name: str, tolerance: float) -> None:
        self._name, self._tolerance = name, tolerance
        self._pairs: dict[str, list[tuple[Floats, Floats]]] = {}

    def add(self, tensor: str, results: Results, expected: Floats, comparable: bool = True) -> None:
        found = results.next(*expected.shape)
        if comparable:
            self._pairs.setdefault(tensor, []).append((found, expected))

    def check(self) -> None:
        for tensor, pairs in self._pairs.items():
            found, expected = (np.stack(side) for side in zip(*pairs, strict=True))
            off, spread = float(np.abs(found - expected).max()), float(np.ptp(expected))
            tolerance = BYPASS_TOLERANCE if tensor == "bypass reconstruction" else self._tolerance
            rounding = float(np.spacing(np.float32(np.abs(expected).max())))  # where all values are nearly the same
            assert off <= tolerance * spread + 2 * rounding, (
                f"{self._name} {tensor}: off by {off:.2g}, range {spread:.2g}"
            )


def check_choice(found: NDArray[np.int64], expected: NDArray[np.int64], distances: Floats) -> bool:
    """Whether the codes are the same. They may differ where two distances differ by rounding only."""
    rows = np.arange(len(distances))
    gap = distances[rows, found.flatten()] - distances[rows, expected.flatten()]
    assert gap.max() <= 2 * TOLERANCE * np.ptp(distances)
    return bool((found == expected).all())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the kernel's results for all shipped models."""
    folder = tmp_path_factory.mktemp("kernel")
    run_kernel(folder, [resource("weights") / f"{name}.safetensors" for name in SHIPPED])
    return folder


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models(shipped: Path, name: str) -> None:
    model, _ = load_weights(resource("weights") / f"{name}.safetensors")
    check(shipped, name, model)


def test_networks_of_odd_sizes(
    tmp_path: Path,
    make_config: Callable[..., Config],
    make_model: Callable[[Config], VQVAE],
    make_card: Callable[[Config], ModelCard],
) -> None:
    configs = [
        make_config(
            f"{architecture}-{output}",
            architecture=architecture,
            output=output,
            hidden_channels=hidden,
            residual_channels=3,
            residual_blocks=blocks,
            num_embeddings=7,
            embedding_dim=dim,
            codebook="gradient",
            bottom_size=bottom,
        )
        for architecture in ("residual", "strided", "minimal", "mlp", "hierarchical")
        for output, hidden, blocks, dim, bottom in (
            ("sigmoid", 6, 1, 5, 7),
            ("tanh", 2, 0, 1, 14),
            ("linear", 10, 2, 3, 7),
        )
    ]
    models = {config.name: make_model(config) for config in configs}
    weights = [save_weights(model, make_card(model.config), tmp_path) for model in models.values()]
    for path, model in zip(weights, models.values(), strict=True):
        found = check_of(TorchBackend(model), DRAWINGS[0]).model_dump_json()
        path.with_suffix(".detail.json").write_text(f'{{"check": {found}}}')
    run_kernel(tmp_path, weights)
    for name, model in models.items():
        check(tmp_path, name, model)


def test_binary_form_is_that_of_the_source() -> None:
    assert MODULE.read_text(encoding="utf-8") == assemble(SOURCE.read_text(encoding="utf-8")), (
        "static/kernel/multiply.js is not made from multiply.wat: run `python -m tests.web.assemble`"
    )
