"""The command `serve`: from options to a running server."""

import os
import socket
import webbrowser
from pathlib import Path

import uvicorn

from ..errors import UserError
from ..explain.models import load_models
from .app import create_app
from .settings import Settings

MAX_FRAME = 1 << 20  # bytes; above this the connection is closed, below it a message that is too large is answered


class AnnouncingServer(uvicorn.Server):
    """Tells the address once the model is ready to answer."""

    def __init__(self, config: uvicorn.Config, url: str, open_page: bool) -> None:
        super().__init__(config)
        self._url = url
        self._open_page = open_page

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            print(f"The VQ-VAE explainer is ready: {self._url}  (Ctrl-C stops it)", flush=True)
            if self._open_page:
                webbrowser.open(self._url)


def run(host: str, port: int, weights: Path | None, open_page: bool, reload: bool) -> None:
    """Serve until stopped.

    Raises:
        UserError: the weights cannot be used, or the address cannot be listened on.
    """
    if weights is not None:
        os.environ["VQVAE_EXPLAINER_WEIGHTS"] = str(weights.absolute())  # reaches the processes that --reload starts
    if reload:
        load_models(Settings().weights)  # what cannot be used is told here, not by a child process
    with listen(host, port) as listener:
        serve(listener, host, open_page, reload)


def serve(listener: socket.socket, host: str, open_page: bool, reload: bool) -> None:
    """Serve on a bound socket until stopped."""
    port = listener.getsockname()[1]
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    if reload:
        listener.close()
        package = Path(__file__).parent.parent
        print(f"The VQ-VAE explainer reloads when {package} changes: {url}", flush=True)
        uvicorn.run(
            "vqvae_explainer.server.app:create_app",
            factory=True,
            host=host,
            port=port,
            reload=True,
            reload_dirs=[str(package.parent)],
            reload_includes=["*.py", "*.js", "*.css", "*.html"],
        )
        return
    config = uvicorn.Config(
        create_app(Settings()),
        log_level="warning",
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,  # compressing a frame takes longer than making it
    )
    AnnouncingServer(config, url, open_page).run(sockets=[listener])


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
