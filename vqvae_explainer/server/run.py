"""The command `serve`."""

import logging
import os
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from ..errors import UserError
from .logs import LOGGING, log_everything
from .metrics import SHARED_FOLDER
from .protocol import HttpProtocol, StreamProtocol
from .settings import load_settings
from .workers import Workers, failure_file

MAX_MESSAGE_BYTES = 1 << 17  # larger messages close the connection; `messages.py` answers those above its own limit
GRACE_SECONDS = 3  # for requests in flight when the server stops
TRAINING = "VQVAE_EXPLAINER_TRAINING"
RESTART_SECONDS = 120  # for a new worker to import PyTorch on a busy machine

logger = logging.getLogger(__name__)


class AnnouncingServer(uvicorn.Server):
    """Calls `announce` when it is ready to answer."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def run(
    host: str,
    port: int,
    weights: Path | None,
    open_page: bool,
    reload: bool,
    workers: int = 1,
    training: bool | None = None,
) -> None:
    """Serve until stopped.

    Raises:
        UserError: the weights or the settings cannot be used, or the address cannot be listened on.
    """
    if reload and workers > 1:
        raise UserError("--reload is for a single worker: omit --workers.")
    if weights is not None:
        os.environ["VQVAE_EXPLAINER_WEIGHTS"] = str(weights.absolute())  # child processes inherit it
    settings = load_settings()
    if reload:
        from ..explain.loading import load_models

        load_models(settings.weights)  # reports unusable weights here, not in a child process
    with listen(host, port) as listener:
        log_everything()
        allow_host(host, listener)
        allow_training(training, listener)
        port = listener.getsockname()[1]
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{port}"

        def announce() -> None:
            print(f"The VQ-VAE explainer is ready: {url}  (Ctrl-C stops it)", flush=True)
            if open_page:
                webbrowser.open(url)

        if reload:
            listener.close()
            serve_reloading(host, port, url)
        elif workers > 1:
            serve_workers(listener, workers, announce)
        else:
            serve(listener, announce)


def allow_host(host: str, listener: socket.socket) -> None:
    """Add the host to the allowed ones, unless the server listens on all addresses. Child processes inherit them."""
    if listener.getsockname()[0] not in ("0.0.0.0", "::"):
        os.environ["VQVAE_EXPLAINER_ALLOWED_HOSTS"] = f"{load_settings().allowed_hosts} {host}"


def allow_training(training: bool | None, listener: socket.socket) -> None:
    """Allow or forbid training in the page, unless the environment does. Child processes inherit it."""
    if training is None:
        if TRAINING in os.environ:
            return
        training = ip_address(listener.getsockname()[0]).is_loopback
    os.environ[TRAINING] = str(training)


def serve(listener: socket.socket, announce: Callable[[], None]) -> None:
    from .app import create_app  # not above: the parent of several workers needs no models

    AnnouncingServer(configure(create_app()), announce).run(sockets=[listener])


def serve_workers(listener: socket.socket, number: int, announce: Callable[[], None]) -> None:
    """Serve from several processes until stopped.

    Raises:
        UserError: the workers cannot start.
    """
    try:
        temporary = tempfile.TemporaryDirectory(prefix="vqvae-explainer-")
    except OSError as error:
        raise UserError(
            f"--workers needs a temporary folder, and none can be made ({error.strerror}): set TMPDIR to a folder "
            "that can be written."
        ) from error
    with temporary as folder:
        os.environ[SHARED_FOLDER] = folder
        config = configure("vqvae_explainer.server.workers:create_worker_app", factory=True, workers=number)
        workers = Workers(config, [listener], announce)
        workers.run()
        if failure_file().exists():
            raise UserError(failure_file().read_text(encoding="utf-8"))
        if workers.failed:
            raise UserError("A worker ended while it started.")


def serve_reloading(host: str, port: int, url: str) -> None:
    """Serve from a process that restarts when a file changes."""
    from uvicorn.supervisors import ChangeReload

    package = Path(__file__).parent.parent
    print(f"The VQ-VAE explainer reloads when {package} changes: {url}", flush=True)
    config = configure(
        "vqvae_explainer.server.run:create_reloaded_app",
        factory=True,
        host=host,
        port=port,
        reload=True,
        reload_dirs=[str(package.parent)],
        reload_includes=["*.py", "*.js", "*.css", "*.html"],
    )
    ChangeReload(config, uvicorn.Server(config).run, [config.bind_socket()]).run()


def create_reloaded_app() -> FastAPI:
    """The application in a process that restarts when a file changes, which may also mend what fails here."""
    log_everything()
    try:
        from .app import create_app

        return create_app()
    except UserError as error:
        logger.error("%s", error)
    except Exception:  # the edited code can raise anything
        logger.critical("The edited code cannot be used", exc_info=True)
    raise SystemExit(STARTUP_FAILURE)


def configure(app: Any, **options: Any) -> uvicorn.Config:
    """uvicorn's configuration for an application, or for one named `module:function`."""
    ping_seconds = load_settings().ping_seconds
    return uvicorn.Config(
        app,
        **{
            "log_config": LOGGING,
            "access_log": False,
            "loop": "asyncio",
            "lifespan": "on",
            "http": HttpProtocol,
            "ws": StreamProtocol,
            "ws_max_size": MAX_MESSAGE_BYTES,
            "ws_per_message_deflate": False,  # compressing an answer takes longer than computing it
            "ws_ping_interval": ping_seconds,
            "ws_ping_timeout": ping_seconds,
            "timeout_graceful_shutdown": GRACE_SECONDS,
            "timeout_worker_healthcheck": RESTART_SECONDS,
            "server_header": False,
            **options,
        },
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        UserError: the address is in use, not allowed, or not of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()  # takes the port now; connections wait until the model is ready
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise UserError(
            f"Cannot listen on {host} port {port} ({error.strerror}): choose another with --port or --host."
        ) from error
    return listener
