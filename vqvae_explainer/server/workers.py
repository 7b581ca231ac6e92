"""Several server processes on one socket: uvicorn's supervisor, that tells when all of them answer."""

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
from .metrics import SHARED_FOLDER


class Workers(Multiprocess):
    """Starts workers, and a new one for each that dies."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], announce: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._announce = announce
        self._announced = False
        self.failed = False  # whether a worker ended while it started

    def keep_subprocess_alive(self) -> None:
        """Called by uvicorn twice a second.

        uvicorn's own kills workers that do not answer within seconds, as they do while they import PyTorch on a busy
        machine, and cannot be stopped meanwhile. Those that hang are left to whoever watches /healthz.
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
    """Whether a worker has said that it serves; asks it again without waiting for the answer."""
    started = False
    while worker.parent_conn.poll():
        started = worker.parent_conn.recv()
    worker.parent_conn.send(b"ping")
    return started


def failure_file() -> Path:
    """Where a worker that cannot start says why."""
    return Path(os.environ[SHARED_FOLDER]) / "failure.txt"


def end_with_parent() -> None:
    """Wait until the supervisor is gone, however it went, and follow it: nobody else could stop this worker."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def create_worker_app() -> FastAPI:
    """The application of a worker."""
    from .app import create_app

    Thread(target=end_with_parent, daemon=True).start()
    try:
        return create_app()
    except UserError as error:
        failure_file().write_text(str(error), encoding="utf-8")
        raise SystemExit(STARTUP_FAILURE) from error
