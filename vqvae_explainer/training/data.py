"""MNIST as one tensor."""

import hashlib
from pathlib import Path
from urllib.error import URLError

from torch import Tensor
from torchvision.datasets import MNIST

from ..data_dir import CHECKSUMS as CHECKSUMS
from ..data_dir import DATA_DIR_VARIABLE as DATA_DIR_VARIABLE
from ..data_dir import default_data_dir as default_data_dir
from ..data_dir import has_mnist
from ..errors import UserError


def load_mnist(data_dir: Path, train: bool) -> Tensor:
    """Load the training or test digits. Downloads MNIST if `data_dir` does not contain it.

    Returns:
        (60000 or 10000, 1, 28, 28) bytes: 0 background, 255 ink.

    Raises:
        UserError: MNIST cannot be read or downloaded, or a file has another checksum.
    """
    data: Tensor = read_mnist(data_dir, train).data
    return data.unsqueeze(1)


def load_labels(data_dir: Path, train: bool) -> Tensor:
    """Load the classes of the training or test digits: (60000 or 10000,) integers from 0 to 9.

    Raises:
        UserError: as for `load_mnist`.
    """
    labels: Tensor = read_mnist(data_dir, train).targets
    return labels


def read_mnist(data_dir: Path, train: bool) -> MNIST:
    """Torchvision's data set, its files checked, downloaded if `data_dir` does not contain it.

    Raises:
        UserError: MNIST cannot be read or downloaded, or a file has another checksum.
    """
    try:
        if not has_mnist(data_dir):
            MNIST(data_dir, download=True)
        check_files(data_dir)
        return MNIST(data_dir, train=train)
    except (OSError, URLError, RuntimeError) as error:
        raise UserError(
            f"Cannot read MNIST from {data_dir} or download it to there ({error}). "
            f"Set --data-dir or {DATA_DIR_VARIABLE} to the folder that contains MNIST/raw."
        ) from error


def check_files(data_dir: Path) -> None:
    """Compare the checksums of the data files.

    Raises:
        UserError: a file has another checksum.
    """
    for name, expected in CHECKSUMS.items():
        path = data_dir / "MNIST" / "raw" / name
        found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        if found != expected:
            raise UserError(f"{path} has the MD5 {found}, expected {expected}. Delete it and try again.")
