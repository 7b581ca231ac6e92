"""The wheel, installed into a clean environment outside the checkout, serves everything without PyTorch."""

import os
import venv
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.test_wheel import build_wheel, run


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    wheel = build_wheel(ROOT, folder)
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return python


@pytest.fixture(scope="module")
def installed(
    python: Path, make_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server that runs from the wheel, in a folder away from the checkout."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PYTHON", "VQVAE"))]:
            patch.delenv(name)
        with make_server(None, python=str(python), cwd=tmp_path_factory.mktemp("elsewhere")) as server:
            yield server.url


def test_environment_is_clean(python: Path, tmp_path: Path) -> None:
    program = (
        "import importlib.util as i; from vqvae_explainer.resources import resource;"
        "print([m for m in ('torch', 'torchvision', 'matplotlib', 'pytest') if i.find_spec(m)]);"
        "print(*(resource(name) for name in ('static', 'templates', 'weights')), sep='\\n')"
    )
    unneeded, *folders = run(python, "-c", program, cwd=tmp_path).splitlines()
    assert unneeded == "[]"
    assert len(folders) == 3
    for folder in folders:
        assert Path(folder).is_relative_to(python.parent.parent)
        assert Path(folder).is_dir()


def test_installed_command_exports_the_page(python: Path, tmp_path: Path) -> None:
    run(python, "-m", "vqvae_explainer", "export-site", "site", cwd=tmp_path)
    assert 'data-backend="page"' in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert len(list((tmp_path / "site").glob("*/weights/*.safetensors.gz"))) > 8


def test_installed_server_answers(installed: str) -> None:
    page = httpx.get(f"{installed}/")
    assert page.status_code == 200
    assert "<!doctype html>" in page.text.lower()
    script = next(word for word in page.text.split('"') if word.endswith("/main.js"))
    assert httpx.get(f"{installed}{script}").status_code == 200
    pixels = b64encode(bytes(784)).decode()
    answer = httpx.post(f"{installed}/api/trace", json={"pixels": pixels}, timeout=60)
    assert answer.status_code == 200
    assert answer.json()["model"] == "residual-20"
    assert len(answer.json()["distances"]) == 49
    answer = httpx.post(f"{installed}/api/backward", json={"pixels": pixels}, timeout=60)
    assert answer.json()["computed_by"] == "numpy"
    for model in httpx.get(f"{installed}/api/models").json()["models"]:
        detail = httpx.get(f"{installed}/api/models/{model['name']}", timeout=60).json()
        assert {listing["id"] for listing in detail["listings"]} >= {"quantizer", "encoder", "decoder", "loss"}
    assert httpx.get(f"{installed}/docs").status_code == 200
