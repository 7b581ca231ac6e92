"""The folder of a training, through which its process and the server's workers speak; needs no PyTorch.

Every worker can serve it, whichever has started the process. A lock, which the system frees when the process ends
however it ends, tells whether the process lives.
"""

import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from ..files import temporary_path
from .job import Job

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

MAX_READ = 1 << 18  # bytes of snapshots in one answer, about 60 snapshots with 20 codes
GRACE_SECONDS = 20  # in which a client must ask for progress; a page in the background asks once a second

State = Literal["ready", "waiting", "starting", "training", "measuring", "finished", "failed"]
Reason = Literal["", "epochs", "time_limit", "stopped", "unattended", "diverged", "memory", "data", "internal", "ended"]


class Status(BaseModel):
    """How far a training is."""

    state: State = Field(
        description="waiting: others are first; starting: its process imports and loads; training; measuring: on the "
        "test digits; finished: its model can be downloaded; failed; ready: not yet asked to train."
    )
    reason: Reason = Field(
        "",
        description="Why it finished (epochs, time_limit, stopped) or failed: unattended: nobody asked for progress; "
        "diverged: its losses are not numbers; memory: it needed more than it may have; data: MNIST cannot be read; "
        "internal: see the server's log; ended: its process ended, perhaps for want of memory.",
    )


class TrainingFolder:
    """The files of one training."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model.zip"  # there once the training has finished
        self._job, self._drawing, self._snapshots = path / "job.json", path / "drawing", path / "snapshots.jsonl"
        self._status, self._stop, self._seen, self._lock = (path / n for n in ("status.json", "stop", "seen", "lock"))

    @classmethod
    @contextmanager
    def create(cls, parent: Path) -> Iterator[tuple["TrainingFolder", int]]:
        """Make the folder of a new training, and its lock, which the process that starts in the block has to inherit.

        Yields:
            The folder, and the file descriptor of the lock.

        Raises:
            OSError: it cannot be written.
        """
        folder = cls(parent / uuid.uuid4().hex)
        folder.path.mkdir(parents=True)
        folder.touch()
        with folder._lock.open("wb") as lock:
            flock(lock, LOCK_EX)
            yield folder, lock.fileno()

    @property
    def id(self) -> str:
        return self.path.name

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return not is_free(self._lock)

    # What the server writes.

    def request(self, job: Job) -> bool:
        """Ask the process to train; False if another worker has just asked it."""
        temporary = self.path / f".{uuid.uuid4().hex}"
        temporary.write_text(job.model_dump_json(), encoding="utf-8")
        try:
            self._job.hardlink_to(temporary)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        self.touch()
        return True

    def draw(self, drawing: bytes) -> None:
        """Show another drawing from the next snapshot on."""
        replace(self._drawing, drawing)

    def stop(self) -> None:
        self._stop.touch()

    def touch(self) -> None:
        """Note that somebody is there."""
        self._seen.touch()

    # What the process writes.

    def set_status(self, state: State, reason: Reason = "") -> None:
        replace(self._status, Status(state=state, reason=reason).model_dump_json().encode())

    def add_snapshot(self, line: str) -> None:
        with self._snapshots.open("a", encoding="ascii") as file:
            file.write(line + "\n")

    # What both read.

    def requested(self) -> int:
        """When it was asked to train, in nanoseconds; 0 if it was not."""
        try:
            return self._job.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def job(self) -> Job:
        return Job.model_validate_json(self._job.read_bytes())

    def drawing(self) -> bytes:
        return self._drawing.read_bytes()

    def is_stopped(self) -> bool:
        return self._stop.exists()

    def unattended(self) -> float:
        """Seconds since somebody was there."""
        return time.time() - self._seen.stat().st_mtime

    def status(self) -> Status:
        alive = self.is_alive()  # before its last word is read
        try:
            status = Status.model_validate_json(self._status.read_bytes())
        except FileNotFoundError:
            status = Status(state="waiting" if self.requested() else "ready")
        if not alive and status.state not in ("finished", "failed"):
            return Status(state="failed", reason="ended")
        return status

    def position(self) -> int:
        """How many others that wait or train come before it."""
        own = self.requested(), self.id
        others = [other for other in folders(self.path.parent) if other.requested()]
        return sum((other.requested(), other.id) < own and other.is_alive() for other in others)

    def read_snapshots(self, start: int) -> tuple[bytes, int]:
        """Lines of JSON.

        Args:
            start: where the last ones ended, in bytes; 0 at first.

        Returns:
            The next lines, perhaps none, and where they end.
        """
        try:
            with self._snapshots.open("rb") as file:
                file.seek(start)
                content = file.read(MAX_READ)
        except FileNotFoundError:
            return b"", start
        lines = content[: content.rfind(b"\n") + 1]
        return lines, start + len(lines)


def replace(path: Path, content: bytes) -> None:
    """Write a file that others read meanwhile. Unlike `files.replacing`, it does not wait for the disk."""
    temporary = temporary_path(path)
    temporary.write_bytes(content)
    temporary.replace(path)


def folders(parent: Path) -> list[TrainingFolder]:
    """All trainings of a server."""
    with suppress(FileNotFoundError):
        return [TrainingFolder(path) for path in parent.iterdir() if path.is_dir()]
    return []


def is_free(lock: Path) -> bool:
    """Whether no process holds a lock."""
    try:
        with lock.open("rb") as file:
            flock(file, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        pass
    return True


@contextmanager
def turn(parent: Path) -> Iterator[bool]:
    """Try to hold the lock that one training of a server at a time has; yields whether it is held in the block."""
    with (parent / "turn").open("ab") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
