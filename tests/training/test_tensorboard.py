"""The TensorBoard log, read with TensorBoard."""

import builtins
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.stopping import stopping_in_the_second_epoch
from vqvae_explainer.errors import UserError
from vqvae_explainer.model.card import Epoch
from vqvae_explainer.model.config import Config
from vqvae_explainer.training.loop import train
from vqvae_explainer.training.run import tensorboard_callback

pytest.importorskip("tensorboard")
DIGITS = 480
STEPS = 15  # an epoch
SCALARS = {"loss/reconstruction", "loss/codebook", "loss/commitment", "loss/total", "learning rate"}
FIGURES = {"epoch/perplexity", "epoch/codes_used", "epoch/revived_codes", "epoch/images_per_second"}


def logged(folder: Path) -> object:
    """The log of the model `tiny`."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    everything = {"scalars": 0, "images": 0, "histograms": 0}
    log = EventAccumulator(str(folder / "tiny"), size_guidance=everything)
    log.Reload()
    return log


@pytest.fixture(scope="module")
def history(
    make_config: Callable[..., Config], train_digits: Tensor, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Epoch]]:
    """Log and history of a run that was stopped in its second epoch and resumed."""
    folder = tmp_path_factory.mktemp("log")
    config = make_config(epochs=2, batch_size=32)
    arguments = (config, train_digits[:DIGITS], torch.device("cpu"), folder / "tiny.checkpoint.safetensors")
    with stopping_in_the_second_epoch() as report:
        train(*arguments, report=report, callbacks=(tensorboard_callback(folder / "log"),))
    _, history = train(
        *arguments, resume=True, report=lambda _: None, callbacks=(tensorboard_callback(folder / "log"),)
    )
    return folder / "log", history


def test_curves(history: tuple[Path, list[Epoch]]) -> None:
    log = logged(history[0])
    assert set(log.Tags()["scalars"]) == SCALARS | FIGURES
    for name in SCALARS:
        assert [event.step for event in log.Scalars(name)] == [10, 20, 30], name  # the repeated epoch is logged once
    rates = [event.value for event in log.Scalars("learning rate")]
    assert max(rates) == rates[0]  # the peak is at the ninth of 30 steps


def test_figures_of_epochs(history: tuple[Path, list[Epoch]]) -> None:
    log = logged(history[0])
    for name in ("perplexity", "codes_used", "revived_codes"):
        events = log.Scalars(f"epoch/{name}")
        assert [event.step for event in events] == [STEPS, 2 * STEPS]
        expected = [getattr(epoch, name) for epoch in history[1]]
        assert [event.value for event in events] == pytest.approx(expected)


def test_pictures_and_usage(history: tuple[Path, list[Epoch]]) -> None:
    log = logged(history[0])
    assert set(log.Tags()["images"]) == {"originals", "reconstructions"}
    assert [event.step for event in log.Images("reconstructions")] == [STEPS, 2 * STEPS]
    usage = log.Histograms("code usage")[-1].histogram_value
    counts = np.array(usage.bucket)
    assert counts.sum() == usage.num == STEPS * 32 * 49
    assert np.count_nonzero(counts) == history[1][-1].codes_used


def test_without_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def missing(name: str, *arguments: object, **options: object) -> object:
        if name.startswith(("torch.utils.tensorboard", "tensorboard")):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return found(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "vqvae_explainer.training.tensorboard", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UserError, match="pip install tensorboard"):
        tensorboard_callback(tmp_path)


def test_log_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot write"):
        tensorboard_callback(tmp_path / "file")
