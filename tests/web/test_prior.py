"""The page's kernel runs priors as PyTorch and the server do: logits, scores, samples and packed codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from safetensors.numpy import load_file, save_file

from tests.explain.test_prior import numpy_prior
from tests.model.test_prior import TWO_LEVELS, network, random_codes
from vqvae_explainer.explain.compression import compress
from vqvae_explainer.explain.prior import NumpyPrior
from vqvae_explainer.explain.sampling import FREE, Settings, sample
from vqvae_explainer.explain.scoring import score
from vqvae_explainer.model.prior_weights import load_prior
from vqvae_explainer.resources import resource

SCRIPT = Path(__file__).with_name("prior.js")
DENO = Path(sys.executable).parent / "deno"
TOLERANCE = 1e-3  # bits


class Case(NamedTuple):
    prior: NumpyPrior
    weights: Path
    batch: list[list[int]]  # codes of several pictures


def odd(folder: Path, shape: tuple[int, int, int], **changes: object) -> Case:
    """An untrained prior of odd sizes."""
    own = network("transformer", shape, **changes)
    for parameter in own.parameters():  # larger than at the start of a training
        parameter.mul_(2)
    prior = numpy_prior(own)
    path = folder / "odd.prior.safetensors"
    tensors = {name: tensor.numpy() for name, tensor in own.state_dict().items()}
    save_file(tensors, path, {"config": own.config.model_dump_json()})
    return Case(prior, path, random_codes(own, 3).tolist())


def shipped(path: Path) -> Case:
    tensors, card = load_prior(path)
    prior = NumpyPrior(card.config, tensors, np.array(card.code_usage))
    rng = np.random.default_rng(0)
    return Case(prior, path, rng.integers(0, card.config.num_embeddings, (2, card.config.cells)).tolist())


def settings(case: Case) -> list[dict[str, Any]]:
    codes: list[int | None] = [*case.batch[0]]
    free: list[int | None] = [None] * len(codes)
    kept = [*codes[: len(codes) // 3], *free[len(codes) // 3 :]]
    scattered = [None if n % 2 else code for n, code in enumerate(codes)]
    changes: list[dict[str, Any]] = [
        {},
        {"digit": 3, "seed": 4_000_000_000},
        {"temperature": 0.5, "top_k": 3},
        {"digit": None, "given": kept, "seed": 1},
        {"given": scattered, "temperature": 2.0},
        {"digit": 9, "given": case.batch[1]},
    ]
    default = {"digit": None, "temperature": 1.0, "top_k": None, "seed": 0, "given": free}
    return [default | change for change in changes]


def run(case: Case) -> list[dict[str, Any]]:
    """The kernel's results, with SIMD and without."""
    request = {
        "weights": str(case.weights),
        "usage": case.prior.code_usage.tolist(),
        "batch": case.batch,
        "samples": settings(case),
    }
    command = [DENO, "run", "--no-check", "--no-remote", "--no-npm", "--no-prompt", "--allow-read", SCRIPT]
    done = subprocess.run(
        command, input=json.dumps(request), capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def check(case: Case) -> None:
    for found in run(case):
        for codes, scored, packed in zip(case.batch, found["scores"], found["packed"], strict=True):
            [expected] = score(case.prior, [np.array(codes)])
            assert_allclose(scored["bits"], expected.bits, atol=TOLERANCE)
            assert_allclose(scored["class_bits"], expected.class_bits, atol=TOLERANCE)
            assert scored["total"] == pytest.approx(expected.bits.sum(), abs=TOLERANCE)
            assert scored["unigram_bits"] == pytest.approx(expected.unigram_bits)
            assert packed["codes"] == codes
            own = compress(case.prior, np.array(codes), expected.class_bits)
            assert packed["digit"] == own.digit
            assert abs(len(packed["bits"]) - len(own.bits)) <= 1
        for request, sampled in zip(settings(case), found["samples"], strict=True):
            given = np.array([FREE if code is None else code for code in request["given"]])
            [wanted] = sample(case.prior, [Settings(**(request | {"given": given}))])
            assert sampled["digit"] == wanted.digit
            assert_array_equal(sampled["codes"], wanted.codes)
            assert_allclose(sampled["probabilities"], wanted.probabilities.flatten(), atol=1e-4)
            assert_allclose(sampled["bits"], wanted.bits, atol=TOLERANCE)


def test_scores_are_those_of_pytorch(tmp_path: Path) -> None:
    case = odd(tmp_path, (5, 4, 12))
    own = network("transformer", (5, 4, 12)).double()
    own.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in load_file(case.weights).items()})
    codes = torch.tensor(case.batch)  # (B, T)
    for found in run(case):
        for digit in range(10):
            logarithms = own(codes, torch.full((len(codes),), digit)).log_softmax(dim=2)  # (B, T, K)
            bits = -logarithms.gather(2, codes[..., None]).sum(dim=(1, 2)) / np.log(2)  # (B,)
            assert_allclose([scored["class_bits"][digit] for scored in found["scores"]], bits.numpy(), atol=TOLERANCE)


@pytest.mark.parametrize(
    ("shape", "changes"),
    [
        ((5, 4, 12), TWO_LEVELS),
        ((7, 7, 21), {"channels": 6, "heads": 3, "layers": 1, "class_inputs": "first"}),
        ((1, 1, 2), {}),
    ],
)
def test_odd_sizes(tmp_path: Path, shape: tuple[int, int, int], changes: dict[str, object]) -> None:
    check(odd(tmp_path, shape, **changes))


def test_shipped_priors() -> None:
    for path in resource("weights").glob("*.prior.safetensors"):
        check(shipped(path))
