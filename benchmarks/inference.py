"""Time of a trace and of a backward pass with PyTorch and without it, for one drawing and for a full batch."""

import random
import time
from collections.abc import Callable, Mapping
from functools import partial

import torch
from threadpoolctl import threadpool_limits

from benchmarks.measuring import Row, percentile
from vqvae_explainer.explain.gradients import gradients
from vqvae_explainer.explain.loading import load_models
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.resources import resource
from vqvae_explainer.server.operations import TRACE

ROUNDS = 200


def measure(quick: bool = False) -> list[Row]:
    """Milliseconds on one thread, alternating between PyTorch and what the server runs without it."""
    torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")
    weights = resource("weights") / f"{DEFAULT}.safetensors"
    model, _ = load_weights(weights)
    bundled = load_models(weights)[DEFAULT]
    rounds = ROUNDS // 10 if quick else ROUNDS
    rows = []
    for number in (1, TRACE.max_batch):
        drawings = [random.Random(n).randbytes(784) for n in range(number)]
        counted = f"{number} drawing{'s' * (number > 1)}"
        traces = {"PyTorch": partial(trace, model, drawings), "ONNX Runtime": partial(trace, bundled.backend, drawings)}
        passes = {"PyTorch": partial(gradients, model, drawings), "NumPy": partial(bundled.gradients, drawings)}
        rows += [compare(f"{counted}, median", traces, rounds), compare(f"{counted}, backward", passes, rounds)]
    return rows


def compare(label: str, work: Mapping[str, Callable[[], object]], rounds: int) -> Row:
    """The medians of two functions, and the ratio of the first to the second."""
    medians = {name: percentile(times, 0.5) for name, times in alternate(work, rounds).items()}
    figures = "   ".join(f"{name} {median:6.2f} ms" for name, median in medians.items())
    first, second = medians.values()
    return Row(label, f"{figures}   ratio {first / second:.1f}")


def alternate(
    work: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Milliseconds of each function. They alternate, so that noise affects all equally."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, do in work.items():
            start = clock()
            do()
            times[name].append((clock() - start) * 1000)
    return times
