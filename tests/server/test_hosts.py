"""The Host header: a page of a foreign name that resolves to this machine (DNS rebinding) is refused."""

import socket
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.hosts import host_name
from vqvae_explainer.server.run import allow_host, listen
from vqvae_explainer.server.settings import Settings


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost.:8000", "localhost"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("[::1]", "::1"),
        ("school.example:", "school.example:"),
    ],
)
def test_names(host: str, name: str) -> None:
    assert host_name(host) == name


def status(client: TestClient, host: str) -> int:
    return client.get("/api/models", headers={"host": host}).status_code


def test_foreign_hosts_are_refused(weights_dir: Path) -> None:
    settings = Settings(weights=weights_dir, allowed_hosts="school.example 10.0.0.7")
    with TestClient(create_app(settings), base_url="http://school.example") as client:
        for host in ("school.example", "School.example:8000", "localhost:1", "127.0.0.1", "[::1]:8000", "10.0.0.7"):
            assert status(client, host) == 200, host
        for host in ("evil.example", "school.example.evil.example", "", "10.0.0.8", "localhost@evil.example"):
            answer = client.get("/healthz", headers={"host": host})
            assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host"), host
            assert answer.headers["x-content-type-options"] == "nosniff"
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/ws", headers={"host": "evil.example"}),
        ):
            pass
        with client.websocket_connect("/ws"):
            pass
        assert 'vqvae_explainer_refused_clients_total{reason="host"} 6.0' in client.get("/metrics").text


@pytest.mark.parametrize("allowed", ["", "*", "school.example *"])
def test_all_hosts_can_be_allowed(weights_dir: Path, allowed: str) -> None:
    with TestClient(create_app(Settings(weights=weights_dir, allowed_hosts=allowed))) as client:
        assert status(client, "evil.example") == 200


def request(port: int, host: str) -> bytes:
    """The status line of a request to a server."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return client.makefile("rb").readline()


def test_server_on_a_loopback_address_refuses_foreign_hosts(server: Any) -> None:
    for host in (f"127.0.0.1:{server.port}", "localhost"):
        assert b" 200 " in request(server.port, host)
    assert b" 421 " in request(server.port, "evil.example")


@pytest.mark.parametrize(
    ("host", "before", "after"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("localhost", "school.example", "school.example localhost"),
        ("0.0.0.0", "", ""),
        ("0.0.0.0", "school.example", "school.example"),
    ],
)
def test_served_address_is_allowed(monkeypatch: pytest.MonkeyPatch, host: str, before: str, after: str) -> None:
    """A server on all addresses has as many names as the network gives it, so it answers to any, unless it is told."""
    monkeypatch.setenv("VQVAE_EXPLAINER_ALLOWED_HOSTS", before)
    with listen(host, 0) as listener:
        allow_host(host, listener)
    assert Settings().allowed_hosts.split() == after.split()
