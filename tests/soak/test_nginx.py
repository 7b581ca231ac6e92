"""nginx with deploy/nginx.conf in front of two servers."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from benchmarks.measuring import free_port
from tests.conftest import ROOT, missing
from tests.server.streaming import connected, serving
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """Start nginx in front of two servers; returns its address."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        missing("nginx is missing: install it (Debian: apt-get install nginx-light)")
    processes: list[subprocess.Popen[bytes]] = []

    def start(one: str, two: str) -> str:
        port = free_port()
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        for old, new in (
            ("127.0.0.1:8001", one.removeprefix("http://")),
            ("127.0.0.1:8002", two.removeprefix("http://")),
            ("listen 80;", f"listen 127.0.0.1:{port};"),
        ):
            assert text.count(old) == 1
            text = text.replace(old, new)
        (tmp_path / "site.conf").write_text(text)
        folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in folders)
        (tmp_path / "nginx.conf").write_text(
            f"worker_processes 1; pid {tmp_path}/pid; error_log {tmp_path}/error.log;"
            f"events {{}} http {{ access_log off; {temporary} include {tmp_path}/site.conf; }}"
        )
        processes.append(subprocess.Popen([nginx, "-c", tmp_path / "nginx.conf", "-g", "daemon off;"]))
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            assert processes[0].poll() is None, (tmp_path / "error.log").read_text()
            try:
                httpx.get(f"{address}/metrics")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                break
        return address

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


def clients_of(url: str) -> float:
    """How many clients a server has."""
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("vqvae_explainer_clients "))


def test_nginx(proxied: Callable[[str, str], str], weights_dir: Path, drawings: list[bytes]) -> None:
    with serving(create_app(Settings(weights=weights_dir))) as stays:
        with serving(create_app(Settings(weights=weights_dir))) as goes:
            url = proxied(stays, goes)
            page = httpx.get(url)
            assert page.status_code == 200
            assert "default-src 'self'" in page.headers["content-security-policy"]
            assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
            assert httpx.get(f"{url}/metrics").status_code == 404

            stream = url.replace("http", "ws") + "/ws"
            with connect(stream, origin=url) as own:  # type: ignore[arg-type]
                own.ping().wait(5)
            with pytest.raises(InvalidStatus, match="403"):
                connect(stream, origin="http://evil.example")  # type: ignore[arg-type]

            opened = [connected(url) for _ in range(4)]
            clients = [connection.__enter__() for connection in opened]
            for seq, client in enumerate(clients):
                assert client.ask(seq, drawings[seq])["seq"] == seq
            assert [clients_of(stays), clients_of(goes)] == [2, 2]
        # One server has gone: its clients get a close code, and come back to the other.
        ended = []
        for seq, client in enumerate(clients):
            try:
                client.ask(seq, drawings[seq])
            except ConnectionClosed as closed:
                ended.append(closed.rcvd and closed.rcvd.code)
        assert ended == [1001, 1001]
        for _ in range(3):
            with connected(url) as client:
                assert client.ask(1, drawings[0])["seq"] == 1
            assert httpx.get(f"{url}/").status_code == 200
        for connection in opened:
            connection.__exit__(None, None, None)
