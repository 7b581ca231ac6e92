"""The wheel, installed into a clean environment outside the checkout, serves the page and a trace."""

import os
import subprocess
import sys
import venv
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from vqvae_explainer.server.assets import without_comments

ROOT = Path(__file__).parent.parent


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Run a command in a folder; its standard output. Its standard error is in the failure."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VQVAE"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=variables | environment,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    [path] = folder.glob("vqvae_explainer-*.whl")
    return path


def heavy() -> list[Distribution]:
    """PyTorch and the libraries that only it needs: gigabytes, minutes to unpack, and not what is tested here."""
    return [found for found in distributions() if found.name.startswith(("torch", "nvidia", "cuda", "triton"))]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with the wheel and what it asks for, and nothing else.

    PyTorch is linked from this environment, everything else is installed anew.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    site = Path(run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=folder).strip())
    linked = [found for found in heavy() if found.name != "torchvision"]
    for found in linked:
        for name in {path.parts[0] for path in found.files or () if path.parts[0] not in ("..", "__pycache__")}:
            if not (site / name).exists():
                (site / name).symlink_to(str(found.locate_file(name)))
    # Held at their versions, so that pip never replaces what is linked.
    constraints = folder / "constraints.txt"
    constraints.write_text("".join(f"{found.name}=={found.version}\n" for found in linked))
    run(python, "-m", "pip", "install", "--quiet", "--constraint", constraints, wheel, cwd=folder)
    return python


@pytest.fixture(scope="module")
def installed(
    python: Path, make_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server that runs from the wheel, started somewhere else."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PYTHON", "VQVAE"))]:
            patch.delenv(name)
        with make_server(None, python=str(python), cwd=tmp_path_factory.mktemp("elsewhere")) as server:
            yield server.url


def test_wheel_holds_page_and_weights(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    for folder in ("static", "templates"):
        files = [path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()]
        assert {f"vqvae_explainer/{name}" for name in files} <= names
    weights = [path.name for path in (ROOT / "weights").iterdir() if path.suffix in (".safetensors", ".json", ".onnx")]
    assert {f"vqvae_explainer/weights/{name}" for name in weights if ".checkpoint." not in name} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [
        name
        for name in names
        if name.startswith(("tests/", "notebooks/")) or name.endswith((".tmp", ".checkpoint.safetensors"))
    ]
    assert not [name for name in names if name.endswith(".png")]  # the report shows MNIST digits


def test_environment_is_clean(python: Path, tmp_path: Path) -> None:
    program = (
        "import importlib.util as i; from vqvae_explainer.resources import resource;"
        "print([m for m in ('torchvision', 'matplotlib', 'pytest') if i.find_spec(m)]);"
        "print(*(resource(name) for name in ('static', 'templates', 'weights')), sep='\\n')"
    )
    unneeded, *folders = run(python, "-c", program, cwd=tmp_path).splitlines()
    assert unneeded == "[]"
    assert len(folders) == 3
    for folder in folders:
        assert Path(folder).is_relative_to(python.parent.parent)
        assert Path(folder).is_dir()


def test_installed_server_answers(installed: str) -> None:
    page = httpx.get(f"{installed}/")
    assert page.status_code == 200
    assert "<!doctype html>" in page.text.lower()
    script = next(word for word in page.text.split('"') if word.endswith("/main.js"))
    source = (ROOT / "static" / "main.js").read_text(encoding="utf-8")
    assert httpx.get(f"{installed}{script}").text == without_comments(source)
    pixels = b64encode(bytes(784)).decode()
    answer = httpx.post(f"{installed}/api/trace", json={"pixels": pixels}, timeout=60)
    assert answer.status_code == 200
    assert answer.json()["model"] == "residual-20"
    assert len(answer.json()["distances"]) == 49
    assert httpx.get(f"{installed}/docs").status_code == 200
