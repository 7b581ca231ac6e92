"""Request bodies: too large or too slow ones are refused before they are parsed."""

import json
import socket
import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.server import bodies
from vqvae_explainer.server.bodies import MAX_BODY

from .streaming import TIMEOUT, connected
from .test_stream import median_seconds

MEGABYTE = 1 << 20
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


def post(headers: str, path: str = "/api/trace") -> bytes:
    """The head of a request."""
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}\r\n\r\n".encode()


def answer_of(client: socket.socket) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the last answer on a connection, which the server closes."""
    with client.makefile("rb") as stream:
        head, _, body = stream.read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("path", ["/api/trace", "/api/backward", "/api/decode", "/none"])
def test_large_bodies(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LINGER_SECONDS", 0.05)
    expected = {"code": "too_large", "detail": "A body must have at most 65536 bytes."}
    headers = {"content-type": "application/json"}

    def chunks() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 1000 + 1):
            yield b" " * 1000

    for content in (b" " * (MAX_BODY + 1), chunks()):
        answer = client.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()) == (413, expected)
        assert answer.headers["connection"] == "close"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_bodies_of_the_largest_size_are_read(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"["
        yield b" " * (MAX_BODY - 2)
        yield b"]"

    for content in (b"[" + b" " * (MAX_BODY - 2) + b"]", chunks()):
        answer = client.post("/api/trace", content=content, headers={"content-type": "application/json"})
        assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("encoding", ["Content-Length: 10485760", "Transfer-Encoding: chunked"])
def test_large_body_is_refused_while_it_is_sent_and_delays_nobody(
    server: Any, stream: Any, drawings: list[bytes], encoding: str
) -> None:
    content = b" " * (10 * MEGABYTE) if "Length" in encoding else CHUNK * 160 + b"0\r\n\r\n"
    calm = median_seconds(stream, drawings[0])
    stop = Event()
    seen: list[tuple[int, dict[str, Any]]] = []

    def send() -> None:
        while not stop.is_set():
            with socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT) as sender:
                try:
                    sender.sendall(post(encoding) + content)
                except ConnectionError:
                    continue  # closed while it was sent
                seen.append(answer_of(sender))

    thread = Thread(target=send)
    thread.start()
    try:
        busy = max(median_seconds(stream, drawings[0]) for _ in range(3))
    finally:
        stop.set()
        thread.join(TIMEOUT)
    assert busy < 10 * calm + 0.1
    assert {(status, problem["code"]) for status, problem in seen} == {(413, "too_large")}


@pytest.mark.parametrize("encoding", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_slow_bodies(watched: str, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(bodies, "LINGER_SECONDS", 0.1)
    port = int(watched.rsplit(":", 1)[1])
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
        client.sendall(post(encoding) + (b"{" if "Length" in encoding else b"1\r\n{\r\n"))
        status, problem = answer_of(client)
    assert (status, problem["code"]) == (408, "too_slow")
    assert 0.3 < time.monotonic() - start < 5


def test_client_that_disconnects_in_its_body_leaves_nothing(watched: str, drawings: list[bytes]) -> None:
    port = int(watched.rsplit(":", 1)[1])
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
            client.sendall(post("Content-Length: 100") + b"{")
    with connected(watched) as other:
        assert other.ask(1, drawings[0])["seq"] == 1


def test_bad_chunks_end_the_connection(watched: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = int(watched.rsplit(":", 1)[1])
    for sent in (b"zz\r\n", CHUNK + b"zz\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
            client.sendall(post("Transfer-Encoding: chunked") + sent)
            try:
                answer = client.makefile("rb").read()
            except ConnectionError:
                answer = b""
            assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 413", b"")
    assert "traceback" not in capsys.readouterr().err.lower()
