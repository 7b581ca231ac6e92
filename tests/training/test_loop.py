"""Training on real digits for a few steps: the loss falls, runs are reproducible and can be resumed."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.optim import Adam, AdamW

from tests.training.stopping import stopping_in_the_second_epoch
from vqvae_explainer.errors import UserError
from vqvae_explainer.model.card import Epoch
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.vqvae import VQVAE
from vqvae_explainer.training import loop
from vqvae_explainer.training.loop import make_optimizer, make_schedule, train

DIGITS = 32 * 12  # twelve steps an epoch
CPU = torch.device("cpu")


class Run(NamedTuple):
    config: Config
    model: VQVAE
    history: list[Epoch]
    lines: list[str]
    checkpoint: Path


@pytest.fixture(scope="session")
def run(make_config: Callable[..., Config], train_digits: Tensor, tmp_path_factory: pytest.TempPathFactory):
    """Train a narrow model; the keyword arguments change its configuration."""

    def start(number: int = DIGITS, **changes: object) -> Run:
        config = make_config(**{"epochs": 3, "batch_size": 32, "learning_rate": 0.02} | changes)
        checkpoint = tmp_path_factory.mktemp("run") / "tiny.checkpoint.safetensors"
        lines: list[str] = []
        model, history = train(config, train_digits[:number], CPU, checkpoint, report=lines.append)
        return Run(config, model, history, lines, checkpoint)

    return start


@pytest.fixture(scope="session")
def whole(run: Callable[..., Run]) -> Run:
    """A run without interruption."""
    return run()


@pytest.fixture
def stopped(whole: Run, train_digits: Tensor, tmp_path: Path) -> Path:
    """The checkpoint of the same run, stopped after its first epoch."""
    checkpoint = tmp_path / "tiny.checkpoint.safetensors"
    with stopping_in_the_second_epoch() as report:
        train(whole.config, train_digits[:DIGITS], CPU, checkpoint, report=report)
    return checkpoint


def same_weights(one: VQVAE, two: VQVAE) -> bool:
    """Whether two models are identical."""
    return all(torch.equal(tensor, two.state_dict()[name]) for name, tensor in one.state_dict().items())


def test_loss_goes_down(whole: Run) -> None:
    losses = [epoch.reconstruction for epoch in whole.history]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.6 * losses[0]


def test_history_is_complete(whole: Run) -> None:
    assert [epoch.epoch for epoch in whole.history] == [1, 2, 3]
    for epoch in whole.history:
        assert all(np.isfinite(list(epoch.model_dump().values())))
        assert 1 <= epoch.perplexity <= epoch.codes_used <= 20
        assert epoch.images_per_second > 0


def test_each_epoch_has_its_line(whole: Run) -> None:
    assert len(whole.lines) == 3
    for line, epoch in zip(whole.lines, whole.history, strict=True):
        assert line.startswith(f"epoch {epoch.epoch}/3")
        for part in (
            f"reconstruction {epoch.reconstruction:.5f}",
            f"codebook {epoch.codebook:.5f}",
            f"commitment {epoch.commitment:.5f}",
            f"perplexity {epoch.perplexity:.2f}",
            f"codes used {epoch.codes_used}/20",
            f"revived {epoch.revived_codes}",
            "images/s",
        ):
            assert part in line


def test_model_is_ready_to_use(whole: Run) -> None:
    assert not whole.model.training
    assert not any(parameter.requires_grad for parameter in whole.model.parameters())


def test_codes_start_among_encoder_outputs(run: Callable[..., Run], train_digits: Tensor) -> None:
    """With a learning rate of nearly zero they stay there: each is the feature vector of some cell."""
    model = run(epochs=1, codebook_init="samples", codebook="gradient", learning_rate=1e-12, weight_decay=0).model
    codes = model.quantizer.embeddings
    vectors = model.quantizer(model.encoder(train_digits[:DIGITS].float() / 255)).feature_vectors
    assert torch.cdist(codes, vectors).min(dim=1).values.max() < 1e-3
    assert len(codes.unique(dim=0)) > 1


def test_same_seed_same_weights(whole: Run, run: Callable[..., Run]) -> None:
    again = run()
    assert same_weights(whole.model, again.model)
    assert [e.reconstruction for e in again.history] == [e.reconstruction for e in whole.history]


def test_same_weights_with_several_threads(run: Callable[..., Run]) -> None:
    """The gradient of `embeddings[indices]` is the sum of many rows, which threads add in any order if they may."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        first, *others = (run(number=64 * 12, batch_size=64, epochs=1, codebook="gradient") for _ in range(4))
    finally:
        torch.set_num_threads(before)
    assert all(same_weights(first.model, other.model) for other in others)
    assert not torch.are_deterministic_algorithms_enabled()


def test_other_seed_other_weights(whole: Run, run: Callable[..., Run]) -> None:
    assert not same_weights(whole.model, run(seed=1).model)


def test_resumed_run_equals_the_whole_one(whole: Run, stopped: Path, train_digits: Tensor) -> None:
    torch.manual_seed(123)  # the state of the global generator must not matter
    model, history = train(whole.config, train_digits[:DIGITS], CPU, stopped, resume=True, report=lambda _: None)
    assert same_weights(model, whole.model)
    figures = [epoch.model_dump(exclude={"images_per_second"}) for epoch in history]
    assert figures == [epoch.model_dump(exclude={"images_per_second"}) for epoch in whole.history]


def test_resumed_run_in_gradient_mode(run: Callable[..., Run], train_digits: Tensor) -> None:
    whole = run(codebook="gradient", schedule="constant", epochs=2)
    resumed = train(whole.config, train_digits[:DIGITS], CPU, whole.checkpoint, resume=True, report=lambda _: None)
    assert same_weights(resumed[0], whole.model)


def test_gradient_mode_trains_the_codebook(run: Callable[..., Run]) -> None:
    trained = run(codebook="gradient")
    assert trained.history[-1].reconstruction < 0.6 * trained.history[0].reconstruction
    assert trained.history[-1].codes_used > 1


@pytest.mark.parametrize("threshold", [0.99, 0])
def test_dead_codes_are_revived_except_in_the_last_epoch(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, threshold: float
) -> None:
    """With 0.99, nearly every code is dead; with 0, none is."""
    monkeypatch.setattr(loop, "REVIVAL_INTERVAL", 10)
    eager = run(number=8 * 10, batch_size=8, epochs=2, dead_code_threshold=threshold, ema_decay=0.5)
    assert eager.history[1].revived_codes == 0
    if threshold == 0:
        assert eager.history[0].revived_codes == 0
        return
    assert 1 <= eager.history[0].revived_codes <= 19
    assert "revived 0 " not in eager.lines[0]


def test_one_cycle_peaks_at_the_configured_rate(make_config: Callable[..., Config]) -> None:
    config = make_config(epochs=4, learning_rate=0.02)
    optimizer = AdamW([torch.nn.Parameter(torch.zeros(1))], lr=config.learning_rate)
    schedule = make_schedule(config, optimizer, steps=25)
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(0.02)
    assert 0 < peak < 50
    assert np.all(np.diff(rates[: peak + 1]) > 0)
    assert np.all(np.diff(rates[peak:]) < 0)
    assert rates[0] <= 0.02 / 20
    assert rates[-1] < rates[0] / 100


def test_constant_rate(make_config: Callable[..., Config]) -> None:
    config = make_config(schedule="constant", learning_rate=0.02)
    optimizer = AdamW([torch.nn.Parameter(torch.zeros(1))], lr=config.learning_rate)
    schedule = make_schedule(config, optimizer, steps=3)
    for _ in range(50):
        assert optimizer.param_groups[0]["lr"] == 0.02
        optimizer.step()
        schedule.step()


def test_fewer_digits_than_a_batch(run: Callable[..., Run]) -> None:
    with pytest.raises(UserError, match="needs 32 digits, but there are only 31"):
        run(number=31)


def test_more_codes_than_feature_vectors(run: Callable[..., Run]) -> None:
    """49 vectors a digit and 64 digits to start from, for 4096 codes."""
    with pytest.raises(UserError):
        run(number=64, num_embeddings=4096)


def codes_at_the_start(config: Config) -> Tensor:
    """The initial noise of the seed."""
    torch.manual_seed(config.seed)
    return VQVAE(config).quantizer.embeddings.detach()


def test_frozen_codes_keep_their_initial_noise(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """Dead codes, too."""
    monkeypatch.setattr(loop, "REVIVAL_INTERVAL", 10)
    changes = {"codebook": "frozen", "codebook_init": "uniform", "dead_code_threshold": 0.9}
    trained = run(number=8 * 20, batch_size=8, epochs=2, **changes)
    quantizer = trained.model.quantizer
    assert torch.equal(quantizer.embeddings, codes_at_the_start(trained.config))
    assert "embeddings" not in dict(quantizer.named_parameters())
    assert sum(epoch.revived_codes for epoch in trained.history) == 0
    assert trained.history[-1].reconstruction < trained.history[0].reconstruction


def test_gradient_from_noise_moves_only_codes_that_are_chosen(run: Callable[..., Run]) -> None:
    """Without weight decay, which would move all codes."""
    changes = {"codebook": "gradient", "codebook_init": "uniform", "optimizer": "adam", "dead_code_threshold": 0}
    trained = run(number=64, epochs=1, codebook_noise=5, schedule="constant", **changes)
    moved = (trained.model.quantizer.embeddings - codes_at_the_start(trained.config)).abs().amax(dim=1) > 0
    assert int(moved.sum()) == trained.history[0].codes_used < 20


@pytest.mark.parametrize(("name", "kind"), [("adamw", AdamW), ("adam", Adam)])
def test_optimizer_of_the_configuration(make_config: Callable[..., Config], name: str, kind: type) -> None:
    """One fused step against the formulas: Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2."""
    config = make_config(optimizer=name, learning_rate=0.1, weight_decay=0.5)
    model = VQVAE(config)
    optimizer = make_optimizer(model)
    assert type(optimizer) is kind
    assert optimizer.defaults["fused"]
    parameter = model.encoder.project.bias
    before = parameter.detach().clone()
    for other in model.parameters():
        other.grad = torch.full_like(other, 0.25)
    optimizer.step()
    decayed = before * (1 - 0.1 * 0.5) if name == "adamw" else before  # Adam has no weight decay
    torch.testing.assert_close(parameter.detach(), decayed - 0.1 * 0.25 / (0.25 + 1e-8))
