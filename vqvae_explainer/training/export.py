"""Export of a model to ONNX, which `serve` runs faster than PyTorch."""

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


class QuantizerExport(nn.Module):
    def __init__(self, quantizer: VectorQuantizer) -> None:
        super().__init__()
        self.quantizer = quantizer

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        quantization = self.quantizer(features)
        return tuple(getattr(quantization, field) for field in Quantized._fields)


def export_onnx(model: VQVAE, weights: Path) -> list[Path]:
    """Write `<name>.encoder.onnx`, `<name>.quantizer.onnx` and `<name>.decoder.onnx` beside a weights file.

    Args:
        model: in evaluation mode.
        weights: path of the model's weights.

    Returns:
        The paths of the files.

    Raises:
        UserError: the folder cannot be written.
    """
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    features = torch.zeros(2, model.config.embedding_dim, *model.grid.shape)
    parts: dict[str, tuple[nn.Module, Tensor, Sequence[str]]] = {
        "encoder": (model.encoder, torch.zeros(2, 1, IMAGE_SIZE, IMAGE_SIZE), ["features"]),
        "quantizer": (QuantizerExport(model.quantizer), features, Quantized._fields),
        "decoder": (model.decoder, features, ["reconstruction"]),
    }
    paths = []
    for part, (module, input, outputs) in parts.items():
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the exporter uses deprecated parts of PyTorch
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
        ClearMetadataAndDocStringPass()(program.model)  # removes paths of this machine
        path = onnx_path(weights, part)
        with replacing(path) as temporary:
            temporary.write_bytes(program.model_proto.SerializeToString())
        paths.append(path)
    return paths
