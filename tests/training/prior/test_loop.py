"""Training a small prior on random codes with structure: bits fall, runs are reproducible and can be resumed."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.training.stopping import stopping_in_the_second_epoch
from vqvae_explainer.errors import UserError
from vqvae_explainer.model.prior_config import PRIOR_PRESETS, PriorConfig
from vqvae_explainer.training.prior.loop import train_prior
from vqvae_explainer.training.prior.networks import Network

CPU = torch.device("cpu")


def data(number: int = 512) -> tuple[Tensor, Tensor]:
    """Grids of 3×3 codes: the class of the digit, then each code the one before it plus 0 or 1."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(10, (number,), generator=generator)
    steps = torch.randint(2, (number, 9), generator=generator)
    steps[:, 0] = 0
    return ((labels[:, None] + steps.cumsum(dim=1)) % 12).short(), labels


def small(architecture: str = "transformer", **changes: object) -> PriorConfig:
    narrow = {"channels": 16, "layers": 2, "batch_size": 32, "epochs": 3}
    codes = {"model": "tiny", "model_sha256": "", "height": 3, "width": 3, "num_embeddings": 12}
    return PriorConfig.model_validate(PRIOR_PRESETS[architecture] | narrow | codes | changes)


def train(config: PriorConfig, checkpoint: Path, report: Callable[[str], None] = lambda _: None, **options: bool):
    return train_prior(config, *data(), CPU, checkpoint, report=report, **options)


def same_weights(one: Network, other: Network) -> bool:
    return all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in one.state_dict().items())


@pytest.mark.parametrize("architecture", PRIOR_PRESETS)
def test_bits_fall_toward_the_entropy(architecture: str, tmp_path: Path) -> None:
    """Given the class, the codes have 8 bits; 20% of the digits have no class, which costs log2 10 bits more."""
    lines: list[str] = []
    config = small(architecture, epochs=12, learning_rate=0.02)
    network, history = train(config, tmp_path / "prior.checkpoint.safetensors", lines.append)
    bits = [epoch.bits for epoch in history]
    assert bits[0] > 15
    assert 8 < bits[-1] < 10.5
    assert [epoch.epoch for epoch in history] == list(range(1, 13))
    assert lines[-1].startswith(f"epoch 12/12  {bits[-1]:.2f} bits a digit")
    assert not network.training


def test_resumed_and_repeated_runs_end_with_the_same_weights(tmp_path: Path) -> None:
    whole, history = train(small(), tmp_path / "whole.checkpoint.safetensors")
    checkpoint = tmp_path / "stopped.checkpoint.safetensors"
    with stopping_in_the_second_epoch() as report:
        train(small(), checkpoint, report)
    resumed, resumed_history = train(small(), checkpoint, resume=True)
    assert same_weights(resumed, whole)
    assert [epoch.bits for epoch in resumed_history] == [epoch.bits for epoch in history]
    repeated, _ = train(small(), tmp_path / "repeated.checkpoint.safetensors")
    assert same_weights(repeated, whole)
    other, _ = train(small(seed=1), tmp_path / "other.checkpoint.safetensors")
    assert not same_weights(other, whole)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    checkpoint = tmp_path / "prior.checkpoint.safetensors"
    train(small(epochs=1), checkpoint)
    with pytest.raises(UserError, match="has another value of model_sha256"):
        train(small(epochs=1, model_sha256="other"), checkpoint, resume=True)


def test_fewer_digits_than_in_a_batch(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="A batch needs 513 digits, but there are only 512"):
        train(small(batch_size=513), tmp_path / "prior.checkpoint.safetensors")
