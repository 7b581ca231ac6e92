"""Where MNIST lies; needs no PyTorch."""

import os
from pathlib import Path

DATA_DIR_VARIABLE = "VQVAE_EXPLAINER_DATA_DIR"

# MD5 of the four original files, uncompressed.
CHECKSUMS = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def default_data_dir() -> Path:
    """The folder named by $VQVAE_EXPLAINER_DATA_DIR, or else a folder in the user's cache."""
    chosen = os.environ.get(DATA_DIR_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "vqvae-explainer"


def has_mnist(data_dir: Path) -> bool:
    """Whether the folder holds all four files; their content is checked when they are read."""
    return all((data_dir / "MNIST" / "raw" / name).is_file() for name in CHECKSUMS)
