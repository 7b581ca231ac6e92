"""Versions of what trains a model, for its card."""

import platform
from importlib.metadata import version

import torch


def versions() -> dict[str, str]:
    libraries = {name: version(name) for name in ("vqvae-explainer", "numpy", "safetensors", "torchvision")}
    # torch.__version__ includes the build.
    return {"python": platform.python_version(), "torch": torch.__version__} | libraries
