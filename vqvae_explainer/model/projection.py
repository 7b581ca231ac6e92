"""The plane on which a codebook is drawn: its first two principal axes."""

from typing import NamedTuple

import torch
from torch import Tensor


class Plane(NamedTuple):
    """Where vectors with D numbers lie in two dimensions."""

    mean: Tensor  # (D,), what becomes the origin
    axes: Tensor  # (2, D), orthonormal; a row of zeros where there is no second axis
    shares: Tensor  # (2,), of the codebook's variance that each axis tells

    def project(self, vectors: Tensor) -> Tensor:
        """Vectors (..., D) → points (..., 2)."""
        return (vectors - self.mean) @ self.axes.T


@torch.no_grad()
def principal_plane(embeddings: Tensor) -> Plane:
    """The first two principal axes of a codebook (K, D), in double precision on the CPU.

    The sign of an axis is free: here the largest of its numbers is positive, so that the same codebook always gives
    the same picture.
    """
    vectors = embeddings.detach().cpu().double()
    mean = vectors.mean(dim=0)
    _, lengths, directions = torch.linalg.svd(vectors - mean, full_matrices=False)
    number = min(2, len(lengths))
    axes, shares = torch.zeros(2, len(mean), dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    largest = directions[:number].abs().argmax(dim=1, keepdim=True)  # (number, 1)
    axes[:number] = directions[:number] * directions[:number].gather(1, largest).sign()
    shares[:number] = (lengths.square() / lengths.square().sum().clamp(min=1e-300))[:number]
    return Plane(mean, axes, shares)
