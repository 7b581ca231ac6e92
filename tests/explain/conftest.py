"""Fixtures for tests of models and their bundles."""

import shutil
from pathlib import Path

import pytest

from vqvae_explainer.cli import main


@pytest.fixture(scope="session")
def bundled(weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of `tiny`, in a folder of their own, with the bundle that `export` makes."""
    folder = tmp_path_factory.mktemp("bundle")
    for path in weights_dir.glob("tiny.*"):
        shutil.copy(path, folder)
    assert main(["export", "--weights", str(folder)]) == 0
    return folder / "tiny.safetensors"
