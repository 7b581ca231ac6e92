"""The trainings of a server: it starts their processes, one of which trains at a time, and removes what they leave."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from ..data_dir import default_data_dir, has_mnist
from ..lab.folder import TrainingFolder, folders
from ..lab.job import Job
from .metrics import SHARED_FOLDER
from .settings import Settings

MAX_TRAININGS = 4  # that wait or train
KEEP_SECONDS = 600  # for which a training that has ended can be downloaded after its page was last heard of

Hindrance = Literal["", "off", "system", "pytorch", "mnist"]


class FullError(Exception):
    """Too many trainings wait."""


class Trainings:
    """Starts trainings. With several workers, each has an instance, and all use one folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shared = SHARED_FOLDER in os.environ
        self._folder = Path(os.environ[SHARED_FOLDER]) / "trainings" if self._shared else None
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def hindrance(self) -> Hindrance:
        """Why this server cannot train; empty if it can."""
        if not self._settings.training:
            return "off"
        if sys.platform == "win32":
            return "system"
        if not has_pytorch():
            return "pytorch"
        return "" if has_mnist(default_data_dir()) else "mnist"

    def active(self) -> Sequence[TrainingFolder]:
        """Those that wait or train."""
        return [folder for folder in self._all() if folder.requested() and folder.is_alive()]

    def prepare(self) -> None:
        """Start a process that has imported PyTorch when it gets a job, unless there is one or another job is first."""
        with self._lock:
            if not any(folder.is_alive() for folder in self._all()):
                self._start(None)

    def start(self, job: Job, drawing: bytes) -> TrainingFolder:
        """Train as soon as no other training comes before.

        Raises:
            FullError: too many wait.
        """
        with self._lock:
            self._sweep()
            if len(self.active()) >= MAX_TRAININGS:
                raise FullError
            for folder in self._all():
                if not folder.requested() and folder.is_alive():
                    folder.draw(drawing)
                    if folder.request(job):
                        return folder
            return self._start((job, drawing))

    def find(self, id: str) -> TrainingFolder | None:
        return next((folder for folder in self._all() if folder.id == id and folder.requested()), None)

    def close(self) -> None:
        """End the processes that this worker has started."""
        for process in self._processes:
            process.kill()
            process.communicate()
        if self._folder is not None and not self._shared:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _all(self) -> list[TrainingFolder]:
        return folders(self._folder) if self._folder else []

    def _start(self, task: tuple[Job, bytes] | None) -> TrainingFolder:
        self._processes = [process for process in self._processes if process.poll() is None]
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="vqvae-explainer-"))
        with TrainingFolder.create(self._folder) as (folder, lock):
            if task is not None:
                folder.draw(task[1])
                folder.request(task[0])
            command = [sys.executable, "-m", "vqvae_explainer.lab.process", str(folder.path)]
            self._processes.append(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[lock])
            )
        return folder

    def _sweep(self) -> None:
        """Remove trainings that have ended and whose pages have gone."""
        for folder in self._all():
            with suppress(FileNotFoundError):  # another worker removes it
                if not folder.is_alive() and folder.unattended() > KEEP_SECONDS:
                    shutil.rmtree(folder.path, ignore_errors=True)


@cache
def has_pytorch() -> bool:
    """Whether what the extra `train` installs is there, as far as training in the page needs it."""
    return all(find_spec(name) is not None for name in ("torch", "torchvision", "tqdm"))
