"""Time of `trace` in PyTorch and in ONNX Runtime, for one drawing and for a full batch of the server."""

import random
import time
from collections.abc import Callable

import torch

from benchmarks.measuring import Row, percentile
from vqvae_explainer.explain.backend import Backend
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.server.operations import TRACE

ROUNDS = 200


def measure(quick: bool = False) -> list[Row]:
    """Milliseconds of `trace` on one thread, alternating between the two."""
    torch.set_num_threads(1)
    weights = resource("weights") / f"{DEFAULT}.safetensors"
    model, _ = load_weights(weights)
    forms: dict[str, VQVAE | Backend] = {"PyTorch": model, "ONNX Runtime": load_models(weights)[DEFAULT].backend}
    rows = []
    for number in (1, TRACE.max_batch):
        drawings = [random.Random(n).randbytes(784) for n in range(number)]
        work = {name: run(model, drawings) for name, model in forms.items()}
        times = alternate(work, ROUNDS // 10 if quick else ROUNDS)
        medians = {name: percentile(values, 0.5) for name, values in times.items()}
        figures = "   ".join(f"{name} {median:6.2f} ms" for name, median in medians.items())
        ratio = medians["PyTorch"] / medians["ONNX Runtime"]
        rows.append(Row(f"{number} drawing{'s' * (number > 1)}, median", f"{figures}   ratio {ratio:.1f}"))
    return rows


def run(model: VQVAE | Backend, drawings: list[bytes]) -> Callable[[], object]:
    """A trace to be timed."""
    return lambda: trace(model, drawings)


def alternate(work: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each function. They alternate, so that noise affects all equally."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, do in work.items():
            start = time.perf_counter()
            do()
            times[name].append((time.perf_counter() - start) * 1000)
    return times
