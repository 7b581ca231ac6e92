"""Atomic replacement of a file, and of several files together."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.files import finish_replacing, replace_together, replacing


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


OLD = {"a.one": b"old 1", "a.two": b"old 2", "a.three": b"old 3"}
NEW = {"a.one": b"new 1", "a.two": b"new 2", "a.four": b"new 4"}
# Ends like a process that is killed right before its n-th step: no cleaning up.
KILLED = f"""
import os, sys
from pathlib import Path
from vqvae_explainer.files import replace_together
left = int(sys.argv[2])
def counted(step):
    def count(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return step(*arguments, **options)
    return count
os.replace, os.unlink, os.fsync = counted(os.replace), counted(os.unlink), counted(os.fsync)
replace_together(Path(sys.argv[1]), "a", {NEW})
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_a_kill_between_two_renames_leaves_all_old_or_all_new_files(tmp_path: Path) -> None:
    states = []
    for kill in range(100):
        folder = tmp_path / str(kill)
        folder.mkdir()
        for file, content in OLD.items():
            (folder / file).write_bytes(content)
        done = subprocess.run([sys.executable, "-c", KILLED, folder, str(kill)], stderr=subprocess.PIPE, text=True)
        assert done.returncode in (0, 9), done.stderr
        finish_replacing(folder, "a")
        states.append(contents(folder))
        assert states[-1] in (OLD, OLD | NEW)
        assert not [path for path in folder.iterdir() if path.name.endswith(".journal")]
        if done.returncode == 0:
            assert sorted(path.name for path in folder.iterdir()) == sorted(OLD | NEW)
            break
    assert states.count(OLD) >= len(NEW) + 2  # killed while writing the files or the journal
    assert states.count(OLD | NEW) >= len(NEW) + 2  # killed while renaming or removing the journal, and not killed


def test_the_next_writer_finishes_first(tmp_path: Path) -> None:
    (tmp_path / "a.one").write_bytes(b"old 1")
    (tmp_path / ".a.two.1.tmp").write_bytes(b"new 2")
    (tmp_path / ".a.journal").write_text('{".a.one.1.tmp": "a.one", ".a.two.1.tmp": "a.two"}')
    replace_together(tmp_path, "a", {"a.one": b"newer 1"})
    assert contents(tmp_path) == {"a.one": b"newer 1", "a.two": b"new 2"}
    assert len(list(tmp_path.iterdir())) == 2


def test_old_contents_stay_when_one_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.one").write_bytes(b"old 1")
    (tmp_path / f".a.two.{os.getpid()}.tmp").mkdir()
    with pytest.raises(UserError, match=r"^Cannot write .*a\.two: .*\.$"):
        replace_together(tmp_path, "a", {"a.one": b"new 1", "a.two": b"new 2"})
    assert contents(tmp_path) == {"a.one": b"old 1"}


@pytest.mark.parametrize("journal", ["", "[]", "{", '{"a": 1}'])
def test_damaged_journal(tmp_path: Path, journal: str) -> None:
    (tmp_path / ".a.journal").write_text(journal)
    with pytest.raises(UserError, match=r"Cannot finish .*\.a\.journal"):
        finish_replacing(tmp_path, "a")


def test_a_journal_renames_only_files_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "new").write_bytes(b"new")
    (folder / ".a.journal").write_text('{"new": "../outside"}')
    finish_replacing(folder, "a")
    assert contents(folder) == {"outside": b"new"}
