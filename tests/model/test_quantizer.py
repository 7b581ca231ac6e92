"""The quantizer, compared with loops, NumPy and formulas."""

import numpy as np
import pytest
import torch

from tests.model.conftest import MODES, small_config
from vqvae_explainer.model.quantizer import VectorQuantizer, kmeans, straight_through


def make(mode: str = "ema", **changes: object) -> VectorQuantizer:
    torch.manual_seed(2)
    quantizer = VectorQuantizer(small_config(codebook=mode, **changes))
    with torch.no_grad():
        quantizer.embeddings.normal_()
    return quantizer


def random_features(batch: int = 3, dim: int = 16, height: int = 5, width: int = 7) -> torch.Tensor:
    return torch.randn(batch, dim, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("mode", MODES)
def test_every_stage_against_a_naive_loop(mode: str) -> None:
    quantizer, features = make(mode), random_features()
    result = quantizer(features)
    embeddings = quantizer.embeddings.detach().numpy().astype(np.float64)
    values = features.numpy().astype(np.float64)
    batch, _, height, width = values.shape
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                row = (b * height + i) * width + j
                vector = np.array([values[b, d, i, j] for d in range(16)])
                distances = np.array([sum((vector - code) ** 2) for code in embeddings])
                code = int(np.argmin(distances))
                np.testing.assert_array_equal(result.features[b, i, j], vector.astype(np.float32))
                np.testing.assert_array_equal(result.feature_vectors[row], vector.astype(np.float32))
                np.testing.assert_allclose(result.distances[row].detach(), distances, rtol=1e-4, atol=1e-4)
                assert result.indices[b, i, j] == code
                np.testing.assert_array_equal(
                    result.quantized_vectors[row].detach(), embeddings[code].astype(np.float32)
                )
                np.testing.assert_allclose(result.quantized[b, i, j].detach(), embeddings[code], rtol=1e-5, atol=1e-6)


def test_shapes_of_all_stages() -> None:
    result = make()(random_features(batch=3))
    shapes = {name: tuple(getattr(result, name).shape) for name in result._fields}
    assert shapes == {
        "features": (3, 5, 7, 16),
        "feature_vectors": (105, 16),
        "embeddings": (20, 16),
        "distances": (105, 20),
        "indices": (3, 5, 7),
        "quantized_vectors": (105, 16),
        "quantized": (3, 5, 7, 16),
        "codebook_loss": (3,),
        "commitment_loss": (3,),
    }


def test_losses_are_the_mean_squared_distance_to_the_code() -> None:
    quantizer, features = make(), random_features()
    result = quantizer(features)
    differences = result.feature_vectors.numpy() - result.quantized_vectors.numpy()
    expected = np.mean(differences.reshape(len(features), -1) ** 2, axis=1)  # of each picture
    np.testing.assert_allclose(result.codebook_loss, expected, rtol=1e-5)
    np.testing.assert_allclose(result.commitment_loss, expected, rtol=1e-5)


def test_forward_changes_nothing() -> None:
    quantizer = make().train()
    before = {name: tensor.clone() for name, tensor in quantizer.state_dict().items()}
    quantizer(random_features())
    assert all(torch.equal(before[name], tensor) for name, tensor in quantizer.state_dict().items())


@pytest.mark.parametrize("shape", [(3, 15, 7, 7), (3, 16, 7), (16, 7, 7)])
def test_wrong_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"features must be \(B, 16, H, W\)"):
        make()(torch.zeros(shape))


def test_straight_through_has_the_value_of_one_and_the_gradient_of_the_other() -> None:
    features, quantized = torch.randn(5, requires_grad=True), torch.randn(5, requires_grad=True)
    weights = torch.randn(5)
    result = straight_through(features, quantized)
    torch.testing.assert_close(result, quantized)
    (result * weights).sum().backward()
    assert torch.equal(features.grad, weights)
    assert quantized.grad is None


def test_moving_averages_against_numpy() -> None:
    decay, epsilon, size = 0.9, 1e-3, 6
    quantizer = make(num_embeddings=size, ema_decay=decay, ema_epsilon=epsilon, embedding_dim=4)
    rng = np.random.default_rng(0)
    counts = quantizer.cluster_size.numpy().astype(np.float64)
    sums = quantizer.cluster_sum.numpy().astype(np.float64)
    for _ in range(5):
        vectors, indices = rng.normal(size=(50, 4)), rng.integers(0, size - 1, size=50)  # the last code is never chosen
        for code in range(size):
            members = vectors[indices == code]
            counts[code] = decay * counts[code] + (1 - decay) * len(members)
            sums[code] = decay * sums[code] + (1 - decay) * members.sum(axis=0)
        smoothed = (counts + epsilon) / (counts.sum() + size * epsilon) * counts.sum()
        quantizer.update_codebook(torch.tensor(vectors, dtype=torch.float32), torch.tensor(indices))
        np.testing.assert_allclose(quantizer.embeddings, sums / smoothed[:, None], rtol=1e-4, atol=1e-6)


def test_gradient_mode_leaves_the_codebook_to_the_optimizer() -> None:
    quantizer = make("gradient")
    before = quantizer.embeddings.detach().clone()
    result = quantizer(random_features())
    quantizer.update_codebook(result.feature_vectors, result.indices)
    assert torch.equal(quantizer.embeddings, before)
    assert not torch.equal(quantizer.cluster_size, torch.ones(20))  # usage is still counted, for revival


@pytest.mark.parametrize("mode", MODES)
def test_dead_codes_are_revived_among_the_features(mode: str) -> None:
    quantizer = make(mode, dead_code_threshold=0.1)
    vectors = random_features().permute(0, 2, 3, 1).reshape(-1, 16)
    quantizer.cluster_size.fill_(10)
    quantizer.cluster_size[[4, 17]] = 0.001
    before = quantizer.embeddings.detach().clone()
    assert quantizer.revive_dead_codes(vectors, torch.Generator().manual_seed(0)) == 2
    moved = (quantizer.embeddings != before).any(dim=1).nonzero().flatten().tolist()
    assert moved == [4, 17]
    for code in moved:
        assert (quantizer.embeddings[code] == vectors).all(dim=1).any()
    assert quantizer.revive_dead_codes(vectors, torch.Generator().manual_seed(0)) == 0


def test_codes_start_at_samples_of_the_features() -> None:
    quantizer = make(codebook_init="samples")
    vectors = random_features().permute(0, 2, 3, 1).reshape(-1, 16)
    quantizer.initialize(vectors, torch.Generator().manual_seed(0))
    rows = [(vectors == code).all(dim=1).nonzero().item() for code in quantizer.embeddings]
    assert len(set(rows)) == 20


def test_codes_start_at_the_means_of_clusters() -> None:
    generator = torch.Generator().manual_seed(4)
    true_centers = torch.randn(5, 8, generator=generator) * 10
    vectors = true_centers.repeat_interleave(40, dim=0) + torch.randn(200, 8, generator=generator) * 0.1
    found = kmeans(vectors, vectors[[0, 40, 80, 120, 160]] + 1)
    expected = torch.stack([vectors[k * 40 : (k + 1) * 40].mean(dim=0) for k in range(5)])
    torch.testing.assert_close(found, expected)


def test_kmeans_start_is_closer_to_the_features_than_samples() -> None:
    vectors = random_features(batch=20).permute(0, 2, 3, 1).reshape(-1, 16)
    errors = {}
    for start in ("samples", "kmeans"):
        quantizer = make(codebook_init=start)
        quantizer.initialize(vectors, torch.Generator().manual_seed(0))
        errors[start] = torch.cdist(vectors, quantizer.embeddings).min(dim=1).values.square().mean().item()
    assert errors["kmeans"] < 0.9 * errors["samples"]


def test_uniform_start_keeps_the_noise() -> None:
    quantizer = VectorQuantizer(small_config(codebook_init="uniform"))
    before = quantizer.embeddings.clone()
    quantizer.initialize(torch.randn(100, 16), torch.Generator().manual_seed(0))
    assert torch.equal(quantizer.embeddings, before)
    assert before.abs().max() <= 1 / 20
