"""Evaluation of a prior: bits of digits, quality of samples, out-of-distribution detection."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ...explain import sampling
from ...explain.prior import NumpyPrior
from ...explain.sampling import FREE, Settings
from ...model.prior import Prior
from ...model.prior_card import PriorMetrics
from ...model.prior_config import CLASSES
from ...model.vqvae import VQVAE
from ..metrics import auroc, out_of_distribution
from .classifier import judge, load_classifier
from .codes import decode, encode, level_offsets
from .networks import Network, to_numpy

EVALUATION_BATCH = 500
SAMPLES = 2000
COOL = 0.8  # temperature of the second set of samples
PERCENTILES = torch.linspace(0, 1, 101, dtype=torch.float64)


@torch.no_grad()
def evaluate_prior(
    network: Network,
    model: VQVAE,
    code_usage: list[float],
    position_usage: list[list[list[float]]],
    digits: Tensor,
    labels: Tensor,
) -> PriorMetrics:
    """Evaluate a prior.

    Args:
        network: the prior, in evaluation mode.
        model: its VQ-VAE, in evaluation mode.
        code_usage: (L·K,), how often the training digits have each code of each level.
        position_usage: (10, T, K), how often those of each class have each code in each cell.
        digits: (N, 1, 28, 28) bytes, the test digits.
        labels: (N,), their classes.
    """
    codes = encode(model, digits)
    class_bits = bits_by_class(network, codes)  # (N, 10)
    bits = mixture_bits(class_bits)  # (N,)
    usage_bits = -torch.tensor(code_usage, dtype=torch.float64).log2()  # (L·K,)
    offsets = level_offsets(model)  # (T,)
    unigram_bits = usage_bits[codes + offsets].sum(dim=1)  # (N,)
    # No code has probability 0; the frequencies have four decimals.
    position = torch.tensor(position_usage, dtype=torch.float64) + 1e-4  # (10, T, K)
    position_bits = -(position / position.sum(dim=2, keepdim=True)).log2()  # (10, T, K)
    other_codes = encode(model, out_of_distribution())
    other_bits = mixture_bits(bits_by_class(network, other_codes))
    other_excess = other_bits - usage_bits[other_codes + offsets].sum(dim=1)
    excess = bits - unigram_bits

    classifier = load_classifier()
    classes, features = judge(classifier, digits.float() / 255)
    named, last = features[:SAMPLES], features[-SAMPLES:]
    asked = torch.arange(SAMPLES) % CLASSES
    draw = sample_transformer if isinstance(network, Prior) else sample
    warm, cool = (judge(classifier, decode(model, draw(network, asked, temperature))) for temperature in (1.0, COOL))
    generator = torch.Generator().manual_seed(0)
    uniform = torch.randint(model.config.num_embeddings, (SAMPLES, codes.shape[1]), generator=generator)
    return PriorMetrics(
        bits_given_class=class_bits[torch.arange(len(labels)), labels].mean().item(),
        bits=bits.mean().item(),
        bits_unigram=unigram_bits.mean().item(),
        bits_position=position_bits[labels].gather(2, codes.long()[..., None]).sum(dim=(1, 2)).mean().item(),
        bits_uniform=sum(level.grid.bits for level in model.levels),
        class_accuracy=share(class_bits.argmin(dim=1) == labels),
        classifier_accuracy=share(classes == labels),
        agreement=share(warm[0] == asked),
        agreement_cool=share(cool[0] == asked),
        frechet=frechet_distance(warm[1], named),
        frechet_digits=frechet_distance(last, named),
        frechet_reconstructions=frechet_distance(judge(classifier, decode(model, codes[-SAMPLES:]))[1], named),
        frechet_uniform=frechet_distance(judge(classifier, decode(model, uniform))[1], named),
        auroc_bits=auroc(bits, other_bits),
        auroc_excess=auroc(excess, other_excess),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        bits_percentiles=bits.quantile(PERCENTILES).round(decimals=3).tolist(),
        excess_percentiles=excess.quantile(PERCENTILES).round(decimals=3).tolist(),
    )


def share(is_right: Tensor) -> float:
    return is_right.double().mean().item()


@torch.no_grad()
def bits_by_class(network: Network, codes: Tensor) -> Tensor:
    """−log2 p(codes | class) of codes (N, T) for each of the ten classes: (N, 10), double precision, on the CPU."""
    device = next(network.parameters()).device
    parts = []
    for batch in torch.split(codes, EVALUATION_BATCH):
        targets = batch.to(device).long()  # (B, T)
        by_class = []
        for label in range(CLASSES):
            logits = network(targets, targets.new_full((len(targets),), label))  # (B, T, K)
            nats = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")  # (B, T)
            by_class.append(nats.double().sum(dim=1) / math.log(2))  # (B,)
        parts.append(torch.stack(by_class, dim=1).cpu())  # (B, 10)
    return torch.cat(parts)


def mixture_bits(class_bits: Tensor) -> Tensor:
    """−log2 of the mean of p(codes | class) over the classes, from the bits (N, 10) of each: (N,)."""
    return -(torch.logsumexp(-class_bits * math.log(2), dim=1) / math.log(2) - math.log2(class_bits.shape[1]))


def sample_transformer(network: Network, labels: Tensor, temperature: float) -> Tensor:
    """Sample codes for each of the classes (N,), as the page does: (N, T)."""
    prior = NumpyPrior(network.config, to_numpy(network), code_usage=np.empty(0))  # which samples do not need
    free = np.full(network.config.cells, FREE)
    batch = [Settings(label, temperature, None, seed, free) for seed, label in enumerate(labels.tolist())]
    starts = range(0, len(batch), EVALUATION_BATCH)
    samples = [found for start in starts for found in sampling.sample(prior, batch[start : start + EVALUATION_BATCH])]
    return torch.from_numpy(np.stack([found.codes for found in samples]))


@torch.no_grad()
def sample(network: Network, labels: Tensor, temperature: float) -> Tensor:
    """Sample codes for each of the classes (N,): (N, T). Reads the whole grid for each cell."""
    device = next(network.parameters()).device
    generator = torch.Generator().manual_seed(0)
    grids = []
    for batch in torch.split(labels, EVALUATION_BATCH):
        codes = torch.zeros(len(batch), network.config.cells, dtype=torch.int64)
        for cell in range(codes.shape[1]):
            logits = network(codes.to(device), batch.to(device))[:, cell].cpu()  # (B, K)
            probabilities = (logits / temperature).softmax(dim=1)  # (B, K)
            codes[:, cell] = probabilities.multinomial(1, generator=generator).squeeze(1)
        grids.append(codes)
    return torch.cat(grids)


def frechet_distance(one: Tensor, other: Tensor) -> float:
    """Distance of two sets of features (N, D), (M, D), taken as normal distributions.

    ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½): Heusel et al. 2017, arXiv:1706.08500, equation 6. Σ₁Σ₂ has the eigenvalues of
    the symmetric Σ₁^½ Σ₂ Σ₁^½, and the trace of its root is the sum of their roots.
    """
    (mean1, covariance1), (mean2, covariance2) = moments(one), moments(other)
    values, vectors = np.linalg.eigh(covariance1)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T  # (D, D)
    eigenvalues = np.linalg.eigvalsh(root @ covariance2 @ root)  # (D,)
    trace = np.trace(covariance1) + np.trace(covariance2) - 2 * np.sqrt(eigenvalues.clip(min=0)).sum()
    return float(np.square(mean1 - mean2).sum() + trace)


def moments(features: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (D,) and covariance (D, D) of features (N, D)."""
    values = features.double().cpu().numpy()
    return values.mean(axis=0), np.atleast_2d(np.cov(values, rowvar=False))
