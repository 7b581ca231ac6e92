"""Several server processes on one socket.

It overrides internals of uvicorn: pyproject.toml pins the versions that tests/server/test_protocol.py checks.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

import uvicorn
from fastapi import FastAPI
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from ..errors import UserError
from .logs import log_everything
from .metrics import SHARED_FOLDER

logger = logging.getLogger(__name__)


class Workers(Multiprocess):
    """Supervisor that replaces workers that end, and calls `announce` once all of them serve."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], announce: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._announce = announce
        self._announced = False
        self.failed = False  # whether a worker ended while it started

    def keep_subprocess_alive(self) -> None:
        """Called by uvicorn twice a second.

        uvicorn's own version kills workers that do not answer within seconds, such as those that import PyTorch on a
        busy machine, and cannot be stopped while it waits. Workers that hang show in /healthz.
        """
        for index, worker in enumerate(self.processes):
            if worker.process.is_alive():
                continue
            worker.join()
            mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
            if worker.exitcode == STARTUP_FAILURE or not self._announced:
                self.failed = True
                self.should_exit.set()
                return
            self.processes[index] = Process(self.config, self.sockets)
            self.processes[index].start()
        if not self._announced and all(has_started(worker) for worker in self.processes):
            self._announced = True
            self._announce()


def has_started(worker: Process) -> bool:
    """Whether a worker has reported that it serves. Sends the next ping without waiting for the answer."""
    started = False
    while worker.parent_conn.poll():
        started = worker.parent_conn.recv()
    worker.parent_conn.send(b"ping")
    return started


def failure_file() -> Path:
    """File to which a worker that cannot start writes the reason."""
    return Path(os.environ[SHARED_FOLDER]) / "failure.txt"


def end_with_parent() -> None:
    """Stop this worker when the supervisor has ended, even if it was killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def create_worker_app() -> FastAPI:
    from .app import create_app

    log_everything()
    Thread(target=end_with_parent, daemon=True).start()
    try:
        return create_app()
    except UserError as error:
        failure_file().write_text(str(error), encoding="utf-8")
        raise SystemExit(STARTUP_FAILURE) from error
    except Exception as error:  # multiprocessing would print it
        logger.critical("A worker cannot start", exc_info=True)
        raise SystemExit(STARTUP_FAILURE) from error
