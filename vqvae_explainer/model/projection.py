"""Principal component analysis of a codebook, for 2-D plots."""

from typing import NamedTuple

import torch
from torch import Tensor


class Plane(NamedTuple):
    mean: Tensor  # (D,), the origin of the plane
    axes: Tensor  # (2, D), orthonormal; a row of zeros where there is no second axis
    shares: Tensor  # (2,), fraction of the codebook's variance along each axis

    def project(self, vectors: Tensor) -> Tensor:
        """Project vectors (..., D) to points (..., 2)."""
        return (vectors - self.mean) @ self.axes.T


@torch.no_grad()
def principal_plane(embeddings: Tensor) -> Plane:
    """The first two principal axes of a codebook (K, D), in double precision on the CPU.

    The sign of a principal axis is arbitrary. Here its largest component is positive, so that the same codebook
    always gives the same plot.
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
