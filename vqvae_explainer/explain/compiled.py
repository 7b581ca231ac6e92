"""Encoder and decoder through ONNX Runtime, where a model has been exported.

The quantizer, whose source the page shows beside its numbers, always runs in PyTorch. The two networks around it are
the bulk of the work, and ONNX Runtime takes about a third of the time for them (`python -m benchmarks inference`).
"""

import copy
import logging
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..model.config import IMAGE_SIZE
from ..model.vqvae import VQVAE

TOLERANCE = 1e-4  # of ink and of features; the two differ by rounding only
NETWORKS = ("encoder", "decoder")

logger = logging.getLogger(__name__)


def onnx_path(weights: Path, network: str) -> Path:
    """Where the export of a network of a weights file is, if there is one."""
    return weights.with_suffix(f".{network}.onnx")


class CompiledNetwork(nn.Module):
    """A network (B, …) → (B, …) that ONNX Runtime runs on one thread; for inference only."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def forward(self, input: Tensor) -> Tensor:
        """Run the network."""
        (output,) = self._session.run(None, {self._input: np.ascontiguousarray(input.numpy())})
        return torch.from_numpy(output)


@torch.inference_mode()
def compiled(model: VQVAE, weights: Path) -> VQVAE:
    """The model with its networks exchanged for their exports, and the same quantizer.

    Returns:
        The model itself if it has not been exported, or if the exports are not of these weights and this code.
    """
    paths = {network: onnx_path(weights, network) for network in NETWORKS}
    if not all(path.is_file() for path in paths.values()):
        return model
    fast = copy.copy(model)
    fast._modules = dict(model._modules)  # a copy of its own, or the model's networks would be exchanged as well
    for network, path in paths.items():
        setattr(fast, network, CompiledNetwork(path))
    probe = torch.rand(2, 1, IMAGE_SIZE, IMAGE_SIZE, generator=torch.Generator().manual_seed(0))
    expected, found = model(probe), fast(probe)
    same = torch.allclose(found.quantization.features, expected.quantization.features, atol=TOLERANCE, rtol=0)
    # Of the same codes, lest rounding decide between two of them.
    quantized = expected.quantization.quantized
    if same and torch.allclose(fast.decode(quantized), model.decode(quantized), atol=TOLERANCE, rtol=0):
        return fast
    logger.warning("%s and its ONNX export disagree: PyTorch is used, which takes longer", weights.name)
    return model
