"""The server answers from bundles without PyTorch, and imports it when the source has changed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from vqvae_explainer.model.presets import DEFAULT
from vqvae_explainer.resources import resource

from .streaming import pixels

WEIGHTS = resource("weights") / f"{DEFAULT}.safetensors"
ANSWERS = """
import json, sys
from pathlib import Path
from fastapi.testclient import TestClient
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings
drawing, grid = {"pixels": sys.argv[2]}, {"indices": [[0] * 7] * 7}
with TestClient(create_app(Settings(weights=Path(sys.argv[1])))) as client:
    answers = [client.get(path) for path in ("/", "/healthz", "/metrics", "/docs", "/openapi.json", "/api/models")]
    answers += [client.get(f"/api/models/{answers[-1].json()['default']}{end}") for end in ("", "/playback")]
    answers += [client.post("/api/trace", json=drawing | {"variant": v}) for v in ("normal", "bypass", "wrong-reshape")]
    answers += [client.post("/api/backward", json=drawing | {"straight_through": s}) for s in (True, False)]
    answers += [client.post("/api/decode", json=grid)]
print(json.dumps([[answer.status_code for answer in answers], sorted({m.partition(".")[0] for m in sys.modules})]))
"""
# As if PyTorch were not installed.
COMMAND = "import sys; sys.modules['torch'] = None; from vqvae_explainer.cli import main; sys.exit(main(sys.argv[1:]))"


def test_nothing_needs_pytorch() -> None:
    command = [sys.executable, "-W", "ignore", "-c", ANSWERS, str(WEIGHTS), pixels(bytes(784))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    statuses, modules = json.loads(done.stdout)
    assert statuses == [200] * len(statuses)
    assert "onnxruntime" in modules
    assert not {"torch", "torchvision", "matplotlib"} & set(modules)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--port", "0", "--weights", "{weights}"], "The model tiny, without a bundle that fits, needs"),
        (["train", "--out", "{weights}"], "train needs"),
        (["evaluate"], "evaluate needs"),
        (["export"], "export needs"),
    ],
)
def test_commands_that_need_pytorch_say_so(weights_dir: Path, arguments: list[str], sentence: str) -> None:
    words = [word.format(weights=weights_dir / "tiny.safetensors") for word in arguments]
    command = [sys.executable, "-c", COMMAND, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1] == (
        f'vqvae-explainer: {sentence} PyTorch: in a checkout, pip install -e ".[train]" installs it.'
    )


def test_changed_source_runs_and_is_shown(
    make_server: Callable[..., AbstractContextManager[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Change the code, restart, and the page changes with it."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "vqvae_explainer", tmp_path / "vqvae_explainer", ignore=ignored)
    for folder in ("static", "templates"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    source = tmp_path / "vqvae_explainer" / "model" / "quantizer.py"
    old, new = "commitment_loss = (features", "commitment_loss = 3 * codebook_loss  # (features"
    text = source.read_text(encoding="utf-8")
    assert text.count(old) == 1
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    found = []
    for content in (text, text.replace(old, new)):
        source.write_text(content, encoding="utf-8")
        with make_server(WEIGHTS, cwd=tmp_path) as server:
            listings = httpx.get(f"{server.url}/api/models/{DEFAULT}", timeout=60).json()["listings"]
            traced = httpx.post(f"{server.url}/api/trace", json={"pixels": pixels(bytes(784))}, timeout=60).json()
            server.terminate()
        lines = ["".join(text for _, text in line["tokens"]) for line in listings[0]["lines"]]
        log = [json.loads(line)["message"] for line in server.errors.splitlines()]
        found.append((lines, traced["losses"], log))

    (lines, losses, log), (new_lines, new_losses, new_log) = found
    assert not [line for line in lines if new in line]
    assert [line for line in new_lines if new in line]
    assert log == []
    assert f"PyTorch is needed: the bundle was made from another model/quantizer.py ({DEFAULT})" in new_log
    assert losses["commitment"] == pytest.approx(losses["codebook"])
    assert new_losses["commitment"] == pytest.approx(3 * losses["codebook"])
