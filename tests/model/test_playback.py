"""Loading playbacks."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.card import ModelCard
from vqvae_explainer.model.config import Config
from vqvae_explainer.model.playback import Playback, load_playback, playback_path


@pytest.fixture
def card(make_card: Callable[[Config], ModelCard], make_config: Callable[..., Config]) -> ModelCard:
    return make_card(make_config())


def naming(card: ModelCard, content: bytes) -> ModelCard:
    """The card of a training that recorded this file."""
    return card.model_copy(update={"sha256": {"playback.json": sha256(content).hexdigest()}})


def test_there_is_none(tmp_path: Path, card: ModelCard) -> None:
    assert load_playback(tmp_path / "tiny.safetensors", card) is None


def test_what_was_written_is_read(tmp_path: Path, make_playback: Callable[[str], Playback], card: ModelCard) -> None:
    weights = tmp_path / "tiny.safetensors"
    playback = make_playback("tiny")
    playback_path(weights).write_bytes(playback.to_bytes())
    assert playback_path(weights).name == "tiny.playback.json"
    assert load_playback(weights, card) == playback  # a card of an older version, without hashes
    assert load_playback(weights, naming(card, playback.to_bytes())) == playback


def test_another_runs_playback(tmp_path: Path, make_playback: Callable[[str], Playback], card: ModelCard) -> None:
    weights = tmp_path / "tiny.safetensors"
    playback_path(weights).write_bytes(make_playback("tiny").to_bytes())
    with pytest.raises(UserError, match=r"tiny\.playback\.json is not from the same training run as tiny\.safetensors"):
        load_playback(weights, naming(card, b"other"))
    assert load_playback(weights, card.model_copy(update={"sha256": {"safetensors": "0"}})) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"name": "tiny", "snapshots": []}'])
def test_damaged(tmp_path: Path, card: ModelCard, content: bytes) -> None:
    weights = tmp_path / "tiny.safetensors"
    playback_path(weights).write_bytes(content)
    with pytest.raises(UserError, match=r"Cannot read the playback .*tiny\.playback\.json"):
        load_playback(weights, card)
