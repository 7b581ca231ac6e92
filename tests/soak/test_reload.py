"""`serve --reload` while its code is edited, broken and mended."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.conftest import ROOT
from vqvae_explainer.server.run import listen

PATIENCE = 150  # seconds, for a process to import PyTorch


def wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_log_of_a_reloading_server_is_json(weights_dir: Path, tmp_path: Path) -> None:
    for folder in ("vqvae_explainer", "static", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    edited = tmp_path / "vqvae_explainer" / "server" / "app.py"
    source = edited.read_text()
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    command = [sys.executable, "-m", "vqvae_explainer", "serve", "--reload", "--port", str(port)]
    with log.open("w") as errors:
        serve = subprocess.Popen([*command, "--weights", weights_dir], cwd=tmp_path, stdout=errors, stderr=errors)

    def title() -> str:
        try:
            return str(httpx.get(f"http://127.0.0.1:{port}/openapi.json", timeout=10).json()["info"]["title"])
        except httpx.TransportError:
            return ""

    try:
        wait(lambda: title() == "VQ-VAE explainer")
        edited.write_text(
            source.replace('title="VQ-VAE explainer"', 'title="Edited"').replace(
                "import sys", "import sys, warnings; warnings.warn('noticed')"
            )
        )
        wait(lambda: title() == "Edited")
        edited.write_text("def create_app(:")
        wait(lambda: "SyntaxError" in log.read_text())
        edited.write_text(source)
        wait(lambda: title() == "VQ-VAE explainer")
    finally:
        serve.terminate()
        serve.wait(30)
    announcement, *lines = log.read_text().splitlines()
    assert "reloads when" in announcement
    messages = [json.loads(line)["message"] for line in lines]
    assert any("noticed" in message for message in messages)
    assert any("Reloading" in message for message in messages)
