"""The command `serve` as a process, and its socket."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from uvicorn.config import STARTUP_FAILURE
from websockets.exceptions import ConnectionClosed

from vqvae_explainer.errors import UserError
from vqvae_explainer.server import run
from vqvae_explainer.server.run import listen

from .streaming import connected

# Needed by training only. (PyTorch itself imports tqdm if it is installed.)
UNUSED = ("torchvision", "matplotlib", "vqvae_explainer.training", "vqvae_explainer.training.loop")


def test_ready_line_has_an_address_that_answers(server: Any) -> None:
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{server.url}/").status_code == 200


def test_sigint_ends_it_without_noise_and_sigterm_answers_first(own_server: Any, drawings: list[bytes]) -> None:
    port = own_server.port
    assert own_server.terminate(signal.SIGINT) in (0, 130, -signal.SIGINT)
    [line] = own_server.errors.splitlines()
    assert "there is no bundle" in line
    own_server.start(port)
    url = own_server.url
    with connected(url) as idle, connected(url) as busy, connected(url) as deaf:
        assert idle.ask(1, drawings[0])["seq"] == 1
        deaf.stop_reading()
        for seq in range(200):
            busy.send(seq, drawings[0], type="backward")
        assert busy.receive()["seq"] >= 0
        start = time.monotonic()
        assert own_server.terminate(signal.SIGTERM) in (0, -signal.SIGTERM)
        assert time.monotonic() - start < 5
        for client in (idle, busy):
            with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - after answers that were on their way
                while True:
                    assert client.receive()["type"] == "backward"
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    logged = [json.loads(line) for line in own_server.errors.splitlines()]
    lines = [line for line in logged if line["message"] == "connection closed"]
    assert len(lines) == 3
    assert {line["level"] for line in logged} == {"info"}
    quiet = next(line for line in lines if line["frames"] == 1)
    assert quiet.keys() >= {"time", "process", "client", "seconds"}
    assert (quiet["skipped"], quiet["errors"], quiet["code"]) == (0, {}, 1001)
    assert quiet["client"].startswith("127.0.0.1:")
    assert max(line["skipped"] for line in lines) > 0


@pytest.mark.parametrize(("workers", "problem"), [(1, "There are no weights"), (2, "--reload is for a single worker")])
def test_reload_with_options_that_cannot_work(
    workers: int, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQVAE_EXPLAINER_WEIGHTS", "set by the command")
    with pytest.raises(UserError, match=problem):
        run.run("127.0.0.1", 0, tmp_path, open_page=False, reload=True, workers=workers)


# The child of a supervisor as uvicorn starts it, with an application that cannot be made.
CHILD = """
import sys, types, uvicorn, warnings
from uvicorn._subprocess import get_subprocess
from vqvae_explainer.server.run import configure

class Broken(types.ModuleType):
    def create_app(self):
        warnings.warn("of Python\\nin two lines")
        raise RuntimeError("broken")

sys.modules["vqvae_explainer.server.app"] = Broken("app")
if __name__ == "__main__":
    config = configure(sys.argv[1], factory=True)
    child = get_subprocess(config, uvicorn.Server(config).run, [])
    child.start()
    child.join()
    sys.exit(child.exitcode)
"""


@pytest.mark.parametrize("app", ["run:create_reloaded_app", "workers:create_worker_app"])
def test_a_process_that_cannot_start_logs_json(app: str, tmp_path: Path) -> None:
    program = tmp_path / "child.py"
    program.write_text(CHILD)
    command = [sys.executable, str(program), f"vqvae_explainer.server.{app}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (STARTUP_FAILURE, "")
    warning, failure = map(json.loads, done.stderr.splitlines())
    assert "of Python" in warning["message"]
    assert "RuntimeError: broken" in failure["traceback"]


def test_busy_port() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UserError, match=f"Cannot listen on 127.0.0.1 port {port}"):
            run.run("127.0.0.1", port, None, open_page=False, reload=False)


def test_port_of_a_server_that_has_just_ended_is_free() -> None:
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listener.accept()[0].close()  # leaves a connection in TIME_WAIT
    listen("127.0.0.1", port).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_address_that_is_not_this_machine(host: str) -> None:
    with pytest.raises(UserError, match=f"Cannot listen on {host} port 0"):
        listen(host, 0).close()


def test_it_never_imports_what_only_training_needs(weights_dir: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from vqvae_explainer.server.app import create_app;"
        "from vqvae_explainer.server import run; from vqvae_explainer.server.settings import Settings;"
        f"create_app(Settings(weights=Path({str(weights_dir)!r})));"
        f"print(sorted(set({UNUSED!r}) & sys.modules.keys()), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[] True"
