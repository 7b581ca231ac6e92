"""Atomic file replacement."""

import os
import stat
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.files import replacing


def test_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_old_content_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:  # noqa: PT012 - what is half-written matters
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_others_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with replacing(path) as temporary:
        os.close(os.open(temporary, os.O_CREAT, 0o600))
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("in the way")
    path = tmp_path / "folder" / "file"
    with pytest.raises(UserError, match=rf"Cannot write {path}"), replacing(path) as temporary:
        temporary.write_text("new")


def test_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(UserError, match=r"No space left"), replacing(path) as temporary:  # noqa: PT012 - both are the writing
        temporary.symlink_to("/dev/full")
        temporary.write_text("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
