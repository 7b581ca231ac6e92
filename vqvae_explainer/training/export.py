"""The parts of a model as ONNX files, which `serve` runs faster than PyTorch does."""

import contextlib
import io
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ..explain.backend import Quantized
from ..explain.onnx_backend import onnx_path
from ..files import replacing
from ..model.config import IMAGE_SIZE
from ..model.quantizer import VectorQuantizer
from ..model.vqvae import VQVAE


class Traced(nn.Module):
    """A quantizer with those outputs only that a trace needs."""

    def __init__(self, quantizer: VectorQuantizer) -> None:
        super().__init__()
        self.quantizer = quantizer

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Quantize features (B, D, H, W)."""
        quantization = self.quantizer(features)
        return tuple(getattr(quantization, field) for field in Quantized._fields)


def export_onnx(model: VQVAE, weights: Path) -> list[Path]:
    """Write `<name>.<part>.onnx` beside a weights file for encoder, quantizer and decoder, each whole or not at all.

    Args:
        model: in evaluation mode.
        weights: the model's file.

    Returns:
        The files.

    Raises:
        UserError: the folder cannot be written.
    """
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    features = torch.zeros(2, model.config.embedding_dim, *model.grid.shape)
    parts: dict[str, tuple[nn.Module, Tensor, Sequence[str]]] = {
        "encoder": (model.encoder, torch.zeros(2, 1, IMAGE_SIZE, IMAGE_SIZE), ["features"]),
        "quantizer": (Traced(model.quantizer), features, Quantized._fields),
        "decoder": (model.decoder, features, ["reconstruction"]),
    }
    paths = []
    for part, (module, input, outputs) in parts.items():
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the exporter warns of its own parts
            program = torch.onnx.export(
                module.cpu(),
                (input,),
                input_names=["input"],
                output_names=outputs,
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                dynamo=True,
                verbose=False,
            )
        assert program is not None
        ClearMetadataAndDocStringPass()(program.model)  # where in this machine's folders each step was written
        path = onnx_path(weights, part)
        with replacing(path) as temporary:
            temporary.write_bytes(program.model_proto.SerializeToString())
        paths.append(path)
    return paths
