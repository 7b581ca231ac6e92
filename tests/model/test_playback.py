"""Loading playbacks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.model.playback import Playback, load_playback, playback_path


def test_there_is_none(tmp_path: Path) -> None:
    assert load_playback(tmp_path / "tiny.safetensors") is None


def test_what_was_written_is_read(tmp_path: Path, make_playback: Callable[[str], Playback]) -> None:
    weights = tmp_path / "tiny.safetensors"
    playback = make_playback("tiny")
    playback_path(weights).write_text(playback.model_dump_json())
    assert playback_path(weights).name == "tiny.playback.json"
    assert load_playback(weights) == playback


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"name": "tiny", "snapshots": []}'])
def test_damaged(tmp_path: Path, content: bytes) -> None:
    weights = tmp_path / "tiny.safetensors"
    playback_path(weights).write_bytes(content)
    with pytest.raises(UserError, match=r"Cannot read the playback .*tiny\.playback\.json"):
        load_playback(weights)
