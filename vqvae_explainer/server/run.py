"""The command `serve`: from options to a running server."""

import os
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from ..errors import UserError
from .logs import LOGGING
from .metrics import SHARED_FOLDER
from .protocol import StreamProtocol
from .settings import Settings
from .workers import Workers, failure_file

MAX_FRAME = 1 << 17  # bytes; above this the connection is closed, below it a message that is too large is answered
GRACE_SECONDS = 3  # for what is in flight when the server ends
RESTART_SECONDS = 120  # for a new worker to import PyTorch on a busy machine


class AnnouncingServer(uvicorn.Server):
    """Tells when the model is ready to answer."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def run(host: str, port: int, weights: Path | None, open_page: bool, reload: bool, workers: int = 1) -> None:
    """Serve until stopped.

    Raises:
        UserError: the weights cannot be used, or the address cannot be listened on.
    """
    if reload and workers > 1:
        raise UserError("--reload is for a single worker: leave --workers out.")
    if weights is not None:
        os.environ["VQVAE_EXPLAINER_WEIGHTS"] = str(weights.absolute())  # reaches other processes, too
    if reload:
        from ..explain.models import load_models

        load_models(Settings().weights)  # what cannot be used is told here, not by a child process
    with listen(host, port) as listener:
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


def serve(listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve from this process until stopped."""
    from .app import create_app  # not above: of several workers, the parent needs no PyTorch

    AnnouncingServer(configure(create_app()), announce).run(sockets=[listener])


def serve_workers(listener: socket.socket, number: int, announce: Callable[[], None]) -> None:
    """Serve from several processes until stopped.

    Raises:
        UserError: they cannot start.
    """
    with tempfile.TemporaryDirectory(prefix="vqvae-explainer-") as folder:
        os.environ[SHARED_FOLDER] = folder
        config = configure("vqvae_explainer.server.workers:create_worker_app", factory=True, workers=number)
        workers = Workers(config, [listener], announce)
        workers.run()
        if failure_file().exists():
            raise UserError(failure_file().read_text(encoding="utf-8"))
        if workers.failed:
            raise UserError("A worker ended while it started.")


def serve_reloading(host: str, port: int, url: str) -> None:
    """Serve from a process that starts anew whenever a file changes."""
    from uvicorn.supervisors import ChangeReload

    package = Path(__file__).parent.parent
    print(f"The VQ-VAE explainer reloads when {package} changes: {url}", flush=True)
    config = configure(
        "vqvae_explainer.server.app:create_app",
        factory=True,
        host=host,
        port=port,
        reload=True,
        reload_dirs=[str(package.parent)],
        reload_includes=["*.py", "*.js", "*.css", "*.html"],
    )
    ChangeReload(config, uvicorn.Server(config).run, [config.bind_socket()]).run()


def configure(app: Any, **options: Any) -> uvicorn.Config:
    """How uvicorn shall serve an application, or one named `module:function`."""
    ping_seconds = Settings().ping_seconds
    return uvicorn.Config(
        app,
        **{
            "log_config": LOGGING,
            "access_log": False,
            "loop": "asyncio",
            "lifespan": "on",
            "ws": StreamProtocol,
            "ws_max_size": MAX_FRAME,
            "ws_per_message_deflate": False,  # compressing a frame takes longer than making it
            "ws_ping_interval": ping_seconds,
            "ws_ping_timeout": ping_seconds,
            "timeout_graceful_shutdown": GRACE_SECONDS,
            "timeout_worker_healthcheck": RESTART_SECONDS,
            "server_header": False,
            **options,
        },
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address.

    Raises:
        UserError: it is taken, not ours to use, or not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()  # from now on the port is taken; who connects waits until the model is ready
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise UserError(
            f"Cannot listen on {host} port {port} ({error.strerror}): choose another with --port or --host."
        ) from error
    return listener
