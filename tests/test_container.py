"""The Dockerfile's layers and health check. tests/soak runs its steps."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measuring import free_port
from tests.conftest import ROOT, missing
from tests.soak.container import instructions

STEPS = instructions(ROOT / "Dockerfile")
HEALTHCHECK = ROOT / "deploy" / "healthcheck.py"
SERVE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print("ready", flush=True)
server.serve_forever()
"""


def test_dependencies_are_installed_before_sources_are_copied() -> None:
    installs = next(n for n, (name, step) in enumerate(STEPS) if name == "RUN" and "dependencies" in step)
    sources = [n for n, (name, step) in enumerate(STEPS) if name == "COPY" and "vqvae_explainer" in step]
    assert sources
    assert installs < min(sources)
    # The later step installs the package alone.
    assert [step for name, step in STEPS[installs + 1 :] if name == "RUN" and "pip install" in step] == [
        "/venv/bin/pip install --no-deps ."
    ]


def test_copied_files_exist() -> None:
    names = [word for name, step in STEPS if name == "COPY" and "--from" not in step for word in step.split()[:-1]]
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


def check(process: int) -> int:
    """Exit status of the health check for a server with this process number."""
    if not Path("/proc").is_dir():
        missing("The container runs Linux: its health check reads /proc")
    return subprocess.run([sys.executable, HEALTHCHECK, str(process)], stderr=subprocess.DEVNULL, timeout=60).returncode


@pytest.mark.parametrize(
    "options", ["--port {port}", "--port 8000 --port {port}", "--port 8000 --port={port} --workers 2"]
)
def test_health_check_follows_the_port(options: str) -> None:
    port = free_port()
    arguments = options.format(port=port).split()
    command = [sys.executable, "-c", SERVE, str(port), "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == b"ready\n"
            assert check(server.pid) == 0
        finally:
            server.kill()


def test_health_check_fails_without_an_answer() -> None:
    command = [sys.executable, "-c", "input()", "serve", "--port", str(free_port())]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as silent:
        assert check(silent.pid) != 0
        silent.kill()
