"""A trivial static host: no compression, no headers of its own, a 404 page."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Thread
from typing import Any


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder under a path; the folder's 404.html where there is nothing."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet
    disable_nagle_algorithm = True

    def __init__(self, *arguments: Any, prefix: str, folder: Path) -> None:
        self._prefix = prefix
        self._missing = folder / "404.html"
        super().__init__(*arguments, directory=str(folder))

    def translate_path(self, path: str) -> str:
        if not path.startswith(self._prefix):
            return str(self._missing.parent / "none")
        return super().translate_path("/" + path.removeprefix(self._prefix))

    def send_error(self, code: int, message: str | None = None, _: str | None = None) -> None:
        body = self._missing.read_bytes()
        self.send_response(code, message)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Listener(ThreadingHTTPServer):
    """Closes its connections when it is closed, as a host that dies does."""

    def __init__(self, *arguments: Any) -> None:
        self._connections: list[socket] = []
        super().__init__(*arguments)

    def get_request(self) -> tuple[socket, Any]:
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address

    def server_close(self) -> None:
        super().server_close()
        for connection in self._connections:
            with suppress(OSError):  # closed already
                connection.shutdown(SHUT_RDWR)

    def handle_error(self, *_: Any) -> None:
        pass


class StaticHost:
    """Serves a folder until it is stopped; it can be started again at the same address."""

    def __init__(self, folder: Path, prefix: str = "/sub/path/") -> None:
        self.folder = folder
        self._handler = partial(Handler, prefix=prefix, folder=folder)
        self._server = Listener(("127.0.0.1", 0), self._handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}{prefix}"
        self._run()

    def _run(self) -> None:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        self._server = Listener(("127.0.0.1", self.port), self._handler)
        self._run()


@contextmanager
def hosting(folder: Path, prefix: str = "/sub/path/") -> Iterator[StaticHost]:
    """Serve a folder for the time of a `with` block."""
    host = StaticHost(folder, prefix)
    try:
        yield host
    finally:
        host.stop()
