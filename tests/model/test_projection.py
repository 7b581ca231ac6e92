"""The principal plane of a codebook, compared with the eigenvectors of its covariance."""

import numpy as np
import pytest
import torch

from vqvae_explainer.model.projection import principal_plane


def vectors(size: int = 20, dim: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(size, dim, generator=generator) * torch.arange(1, dim + 1) + 5


def test_axes_are_the_leading_eigenvectors() -> None:
    codes = vectors()
    plane = principal_plane(codes)
    values, eigenvectors = np.linalg.eigh(np.cov(codes.double().numpy().T))
    for axis, expected in zip(plane.axes.numpy(), eigenvectors.T[::-1], strict=False):
        assert abs(axis @ expected) == pytest.approx(1)
    np.testing.assert_allclose(plane.shares, values[::-1][:2] / values.sum())
    np.testing.assert_allclose(plane.mean, codes.double().mean(dim=0))
    torch.testing.assert_close(plane.axes @ plane.axes.T, torch.eye(2, dtype=torch.float64))


def test_projection_is_around_the_mean_and_keeps_other_dimensions() -> None:
    codes = vectors()
    plane = principal_plane(codes)
    points = plane.project(codes.double().reshape(4, 5, 6))
    assert points.shape == (4, 5, 2)
    torch.testing.assert_close(points.mean(dim=(0, 1)), torch.zeros(2, dtype=torch.float64))
    assert points[..., 0].var() > points[..., 1].var()


def test_sign_is_fixed() -> None:
    codes = vectors()
    axes = principal_plane(codes).axes
    assert torch.equal(axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)) > 0, torch.ones(2, 1, dtype=torch.bool))
    mirrored = 2 * codes.mean(dim=0) - codes
    torch.testing.assert_close(principal_plane(mirrored).axes, axes, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("codes", [vectors(dim=1), vectors(size=2), torch.ones(5, 3)])
def test_codes_on_a_line_or_on_a_point(codes: torch.Tensor) -> None:
    plane = principal_plane(codes)
    assert plane.axes.shape == (2, codes.shape[1])
    assert plane.project(codes.double()).isfinite().all()
    assert plane.project(codes.double())[:, 1].abs().max() < 1e-6
    assert plane.shares.isfinite().all()
