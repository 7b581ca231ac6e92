"""The wheel holds the package, the page and the weights, and nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.conftest import ROOT

FOLDERS = ("vqvae_explainer", "static", "templates", "weights")
LEFTOVERS = ("mine.checkpoint.safetensors", ".mine.safetensors.12.tmp", "mine.png")


def run(*command: object, cwd: Path) -> str:
    """Standard output of a command that knows nothing of this environment; standard error is in the failure."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VQVAE"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=variables, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def build_wheel(source: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=source)
    [path] = folder.glob("vqvae_explainer-*.whl")
    return path


def test_file_list(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "*.checkpoint.*", "*.tmp", "*.png")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    files = {path.relative_to(source) for name in FOLDERS for path in (source / name).rglob("*") if path.is_file()}
    for name in LEFTOVERS:
        (source / "weights" / name).touch()

    names = set(ZipFile(build_wheel(source, tmp_path)).namelist())
    metadata = {name for name in names if ".dist-info/" in name}
    assert any(name.endswith("/licenses/LICENSE") for name in metadata)
    package = Path("vqvae_explainer")
    assert names - metadata == {
        (path if path.parts[0] == package.name else package / path).as_posix() for path in files
    }
