"""The command `serve` as a process of its own, and its socket."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from vqvae_explainer.errors import UserError
from vqvae_explainer.server.run import listen

# What only training needs. (PyTorch itself imports tqdm where there is one.)
UNUSED = ("torchvision", "matplotlib", "vqvae_explainer.training", "vqvae_explainer.training.loop")


def test_ready_line_tells_an_address_that_answers(server: Any) -> None:
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{server.url}/").status_code == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_quietly(own_server: Any, how: signal.Signals) -> None:
    assert own_server.terminate(how) in (0, 130, -how)
    assert own_server.errors == ""


def test_busy_port(weights_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "vqvae_explainer", "serve", "--weights", weights_dir, "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"vqvae-explainer: Cannot listen on 127.0.0.1 port {port}")


def test_two_servers_that_start_at_once_do_not_share_a_port() -> None:
    """The port is taken when it is bound, not seconds later when the model is ready."""
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UserError, match=f"Cannot listen on 127.0.0.1 port {port}"):
            listen("127.0.0.1", port).close()


def test_port_of_a_server_that_has_just_ended_is_free() -> None:
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listener.accept()[0].close()  # leaves a connection in TIME_WAIT
    listen("127.0.0.1", port).close()


def test_address_of_another_machine() -> None:
    with pytest.raises(UserError, match=r"Cannot listen on 192\.0\.2\.1 port 0"):
        listen("192.0.2.1", 0).close()


def test_no_address() -> None:
    with pytest.raises(UserError, match=r"Cannot listen on no-such-host\.invalid"):
        listen("no-such-host.invalid", 0).close()


def test_reloading_server_with_missing_weights_ends_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vqvae_explainer", "serve", "--reload", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--weights", tmp_path / "none.safetensors"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _, errors = process.communicate(timeout=40)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=40)
    assert "Traceback" not in errors
    assert process.returncode == 2
    assert "There are no weights" in errors


def test_it_never_imports_what_only_training_needs(weights_dir: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from vqvae_explainer.server.app import create_app;"
        "from vqvae_explainer.server import run; from vqvae_explainer.server.settings import Settings;"
        f"create_app(Settings(weights=Path({str(weights_dir)!r})));"
        f"print(sorted(set({UNUSED!r}) & sys.modules.keys()), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[] True"
