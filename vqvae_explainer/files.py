"""Atomic replacement of a file, and of several files together."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import UserError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of the block are those of writing `path`.

    Raises:
        UserError: the file cannot be written, for example because the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror or error}.") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to. It replaces `path` if the block does not raise.

    Raises:
        UserError: the file cannot be written, for example because the disk is full.
    """
    temporary = temporary_path(path)
    try:
        with writing(path):
            yield temporary
            flush(temporary)
            temporary.replace(path)
    finally:
        with suppress(OSError):  # the folder may be a file
            temporary.unlink(missing_ok=True)


def replace_together(folder: Path, name: str, contents: Mapping[str, bytes]) -> None:
    """Replace several files of a folder together.

    The contents are written to temporary files, then to a journal of the renames to do: `.<name>.journal`. A process
    that is killed before the journal exists leaves the old files. One that is killed later leaves the new ones, once
    `finish_replacing` has done the remaining renames: call it before reading the files.

    Args:
        folder: is made if it does not exist.
        name: of the set of files.
        contents: by name of the file.

    Raises:
        UserError: a file cannot be written, for example because the disk is full.
    """
    finish_replacing(folder, name)
    temporaries = {file: temporary_path(folder / file) for file in contents}
    try:
        for file, content in contents.items():
            with writing(folder / file):
                temporaries[file].write_bytes(content)
                flush(temporaries[file])
        with replacing(journal_path(folder, name)) as journal:
            journal.write_text(json.dumps({temporary.name: file for file, temporary in temporaries.items()}))
    except BaseException:
        for temporary in temporaries.values():
            with suppress(OSError):  # the folder may be a file
                temporary.unlink(missing_ok=True)
        raise
    finish_replacing(folder, name)


def finish_replacing(folder: Path, name: str) -> None:
    """Do the renames that a process which was killed in `replace_together` has left; usually there are none.

    Raises:
        UserError: the folder cannot be written, or the journal is damaged.
    """
    journal = journal_path(folder, name)
    try:
        renames = json.loads(journal.read_bytes())
        for temporary, file in renames.items():
            with suppress(FileNotFoundError):  # already renamed
                (folder / Path(temporary).name).replace(folder / Path(file).name)
        journal.unlink(missing_ok=True)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(f"Cannot finish the replacement of files that {journal} describes ({error}).") from error


def journal_path(folder: Path, name: str) -> Path:
    return folder / f".{name}.journal"


def temporary_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def flush(path: Path) -> None:
    """Write a finished file through to the disk, and let all users read it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(0o644)  # some writers create files that only their owner can read
