"""`python -m vqvae_explainer.lab.process FOLDER`: the process of one training, started by the server."""

import logging
import os
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

from ..server.logs import log_everything
from .folder import GRACE_SECONDS, TrainingFolder, turn

NICENESS = 19  # the lowest priority
STANDBY_SECONDS = 120  # in which a process that was started ahead of time must get a job
POLL_SECONDS = 0.05

logger = logging.getLogger(__name__)


def main(path: Path) -> None:
    """Wait for a job, then for its turn, then train; ends at once when the server does."""
    log_everything()
    os.nice(NICENESS)
    threading.Thread(target=end_with_server, daemon=True).start()
    folder = TrainingFolder(path)
    if not folder.requested():
        load()  # while the visitor still chooses
    if has_job(folder):
        await_turn(folder)


def has_job(folder: TrainingFolder) -> bool:
    """Wait for a job; False if none came."""
    end = time.monotonic() + STANDBY_SECONDS
    while not folder.requested():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def await_turn(folder: TrainingFolder) -> None:
    """Train once no other training of this server comes before."""
    while True:
        if folder.is_stopped():
            folder.set_status("failed", "stopped")
            return
        if folder.unattended() > GRACE_SECONDS:
            folder.set_status("failed", "unattended")
            return
        if not folder.position():
            with turn(folder.path.parent) as is_mine:
                if is_mine:
                    run(folder)
                    return
        time.sleep(POLL_SECONDS)


def load() -> None:
    """Import what takes seconds: PyTorch, and what its optimizers import when the first is made."""
    import_module("torch._dynamo")
    import_module("vqvae_explainer.lab.training")


def run(folder: TrainingFolder) -> None:
    folder.set_status("starting")
    try:
        from .training import train_in

        train_in(folder)
    except Exception as error:
        needs_memory = isinstance(error, MemoryError) or "allocate memory" in str(error)
        logger.exception("A training in the page failed")
        folder.set_status("failed", "memory" if needs_memory else "internal")


def end_with_server() -> None:
    """Standard input is a pipe from the server, which ends with it, even if it is killed."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
