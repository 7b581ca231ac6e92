"""Export of a model to ONNX, which `serve` runs faster than PyTorch."""

import contextlib
import io
import warnings

import torch
from torch import Tensor, nn

from ..explain.backend import DrawingLosses, Quantized
from ..explain.onnx_backend import PARTS, onnx_suffix
from ..model.config import IMAGE_SIZE
from ..model.quantizer import VectorQuantizer
from ..model.vqvae import VQVAE, Losses


class QuantizerExport(nn.Module):
    def __init__(self, quantizer: VectorQuantizer) -> None:
        super().__init__()
        self.quantizer = quantizer

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        quantization = self.quantizer(features)
        return tuple(getattr(quantization, field) for field in Quantized._fields)


class LossesExport(nn.Module):
    def __init__(self, model: VQVAE) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input: Tensor, reconstruction: Tensor, codebook_loss: Tensor, commitment_loss: Tensor
    ) -> tuple[Tensor, ...]:
        losses: Losses = self.model.losses(input, reconstruction, codebook_loss, commitment_loss)
        return tuple(losses)


def export_onnx(model: VQVAE) -> dict[str, bytes]:
    """The ONNX files of a model, by suffix: "encoder.onnx", "quantizer.onnx", "decoder.onnx" and "losses.onnx".

    Args:
        model: in evaluation mode.
    """
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    model = model.cpu()
    pictures = torch.zeros(2, 2, 1, IMAGE_SIZE, IMAGE_SIZE)
    features = torch.zeros(2, model.config.embedding_dim, *model.grid.shape)
    losses = torch.zeros(2, 2)
    parts: dict[str, tuple[nn.Module, dict[str, Tensor], tuple[str, ...]]] = {
        "encoder": (model.encoder, {"input": pictures[0]}, ("features",)),
        "quantizer": (QuantizerExport(model.quantizer), {"input": features}, Quantized._fields),
        "decoder": (model.decoder, {"input": features}, ("reconstruction",)),
        "losses": (
            LossesExport(model),
            # Different tensors: the exporter takes two arguments that are one tensor for one.
            dict(zip(("input", "picture", "codebook_loss", "commitment_loss"), (*pictures, *losses), strict=True)),
            DrawingLosses._fields,
        ),
    }
    files = {}
    for part in PARTS:
        module, inputs, outputs = parts[part]
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the exporter uses deprecated parts of PyTorch
            program = torch.onnx.export(
                module,
                tuple(inputs.values()),
                input_names=list(inputs),
                output_names=outputs,
                dynamic_shapes=({0: torch.export.Dim("batch")},) * len(inputs),
                dynamo=True,
                verbose=False,
            )
        assert program is not None
        ClearMetadataAndDocStringPass()(program.model)  # removes paths of this machine
        files[onnx_suffix(part)] = program.model_proto.SerializeToString()
    return files
