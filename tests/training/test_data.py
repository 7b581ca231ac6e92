"""MNIST: the right digits, and a clear sentence when there are none."""

import gzip
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.datasets import MNIST

from vqvae_explainer.errors import UserError
from vqvae_explainer.training import data

TEST_IMAGES = "t10k-images-idx3-ubyte"


@pytest.fixture
def linked(data_dir: Path, tmp_path: Path) -> Path:
    """A raw folder with links to MNIST's files, which a test may replace."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in data.CHECKSUMS:
        (raw / name).symlink_to(data_dir / "MNIST" / "raw" / name)
    return raw


def test_digits_are_those_of_the_file(data_dir: Path, digits: Tensor) -> None:
    raw = (data_dir / "MNIST" / "raw" / TEST_IMAGES).read_bytes()
    expected = np.frombuffer(raw[16:], dtype=np.uint8).reshape(-1, 1, 28, 28)
    assert digits.dtype == torch.uint8
    np.testing.assert_array_equal(digits.numpy(), expected)


def test_training_digits_are_the_other_file(train_digits: Tensor, digits: Tensor) -> None:
    assert train_digits.shape == (60_000, 1, 28, 28)
    assert not torch.equal(train_digits[:10_000], digits)


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", TEST_IMAGES])
@pytest.mark.parametrize("size", [0, 10, 100_000])
def test_cut_file_is_reported_by_name(linked: Path, name: str, size: int) -> None:
    content = (linked / name).read_bytes()[:size]
    (linked / name).unlink()
    (linked / name).write_bytes(content)
    with pytest.raises(UserError, match=rf"{name} has the MD5"):
        data.load_mnist(linked.parent.parent, train=False)


def test_missing_data_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.datasets.utils.urllib.request.urlopen", unreachable)
    with pytest.raises(UserError, match=r"--data-dir or VQVAE_EXPLAINER_DATA_DIR"):
        data.load_mnist(tmp_path, train=True)


def test_missing_data_is_downloaded(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    resources = []
    for name in data.CHECKSUMS:
        packed = mirror / f"{name}.gz"
        packed.write_bytes(gzip.compress((data_dir / "MNIST" / "raw" / name).read_bytes(), 1))
        resources.append((packed.name, None))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=mirror)) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setattr(MNIST, "resources", resources)
        try:
            assert data.load_mnist(tmp_path / "data", train=False).shape == (10_000, 1, 28, 28)
        finally:
            server.shutdown()


def test_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(data.DATA_DIR_VARIABLE, str(tmp_path))
    assert data.default_data_dir() == tmp_path
    monkeypatch.delenv(data.DATA_DIR_VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data.default_data_dir() == tmp_path / ".cache" / "vqvae-explainer"
