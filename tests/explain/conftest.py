"""Fixtures for tests of models and their bundles."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from vqvae_explainer.cli import main


@pytest.fixture(scope="session")
def quick_export() -> Iterator[None]:
    """PyTorch's exporter parses the sources of all its operators for every part of a model; once is enough."""
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(cache(ONNXRegistry.from_torchlib)))
        yield


@pytest.fixture(scope="session")
def bundled(quick_export: None, weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    """The weights of `tiny`, in a folder of their own, with the bundle that `export` makes."""
    folder = tmp_path_factory.mktemp("bundle")
    for path in weights_dir.glob("tiny.*"):
        shutil.copy(path, folder)
    assert main(["export", "--weights", str(folder)]) == 0
    return folder / "tiny.safetensors"
