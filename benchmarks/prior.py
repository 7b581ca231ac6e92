"""Processor time to sample, score and pack a grid of codes with the default model's prior, on one thread."""

import random
import time

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.inference import alternate
from benchmarks.measuring import Row, percentile
from vqvae_explainer.errors import UserError
from vqvae_explainer.explain.compression import compress, decompress
from vqvae_explainer.explain.prior_loading import open_prior
from vqvae_explainer.explain.sampling import FREE, Settings, sample
from vqvae_explainer.explain.scoring import score
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.resources import resource
from vqvae_explainer.server.operations import SAMPLE

ROUNDS = 100


def measure(quick: bool = False) -> list[Row]:
    """Milliseconds of each.

    Raises:
        UserError: the default model has no prior.
    """
    loaded = open_prior(resource("weights") / f"{DEFAULT}.safetensors")
    if loaded is None:
        raise UserError(f"{DEFAULT} has no prior.")
    prior, cells = loaded.network, loaded.network.config.cells
    free = np.full(cells, FREE)
    [found] = sample(prior, [Settings(3, 1, None, 0, free)])
    [scored] = score(prior, [found.codes])
    bits = compress(prior, found.codes, scored.class_bits).bits
    half = np.where(np.arange(cells) < cells // 2, found.codes, FREE)
    seeds = random.Random(0)
    batch = [Settings(3, 1, None, seeds.getrandbits(32), free) for _ in range(SAMPLE.max_batch)]
    work = {
        "sample a grid": lambda: sample(prior, batch[:1]),
        f"sample {len(batch)} in a batch": lambda: sample(prior, batch),
        "complete half a grid, class not given": lambda: sample(prior, [Settings(None, 1, None, 0, half)]),
        "score a grid": lambda: score(prior, [found.codes]),
        "pack a grid": lambda: compress(prior, found.codes, scored.class_bits),
        "unpack a grid": lambda: decompress(prior, bits),
    }
    with threadpool_limits(1, user_api="blas"):
        times = alternate(work, ROUNDS // 10 if quick else ROUNDS, time.thread_time)
    return [Row(f"{name}, median", f"{percentile(values, 0.5):6.2f} ms") for name, values in times.items()]
