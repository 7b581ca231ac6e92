"""The steps of the Dockerfile make an image that serves, as an unprivileged user, on the port it is given."""

import os
import shutil
import signal
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from benchmarks.measuring import free_port
from tests.conftest import ROOT, missing
from tests.soak.container import Stage, build, can_run

SETTINGS_OF_PIP = ("PIP_", "SSL_", "REQUESTS_")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not can_run():
        missing("The container's steps need root rights and unshare (util-linux)")
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(SETTINGS_OF_PIP) or name.lower().endswith("_proxy")
    }
    folder = tmp_path_factory.mktemp("container")
    yield build(ROOT / "Dockerfile", folder, variables)
    shutil.rmtree(folder)


def test_user_has_no_rights(image: Stage) -> None:
    program = "import os; print(os.getuid(), os.access('/venv', os.W_OK), os.access('/', os.W_OK))"
    assert image.run(["python", "-c", program]).split() == ["10001", "False", "False"]
    packages = image.run(["pip", "list"])
    assert "onnxruntime" in packages
    assert "pytest" not in packages
    assert "torch" not in packages


def test_image_serves_on_any_port(image: Stage) -> None:
    port = free_port()
    with image.running("--port", str(port), "--workers", "2") as (process, first):
        answer = httpx.post(
            f"http://127.0.0.1:{port}/api/trace", json={"pixels": b64encode(bytes(784)).decode()}, timeout=60
        )
        assert answer.status_code == 200
        assert answer.json()["model"] == "residual-20"
        assert image.check(first) == 0
        os.kill(first, signal.SIGTERM)  # docker stop
        assert process.wait(30) == 0


def test_health_check_notices_a_server_that_hangs(image: Stage) -> None:
    with image.running("--port", str(free_port())) as (_, first):
        assert image.check(first) == 0
        os.kill(first, signal.SIGSTOP)
        assert image.check(first) != 0
        os.kill(first, signal.SIGCONT)
