"""Export of a model to a bundle, which `serve` runs without PyTorch and faster."""

import contextlib
import io
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from ..errors import UserError
from ..explain.backend import DrawingLosses, Quantized
from ..explain.bundle import SUFFIX, DetailFile, check_of, source_hashes
from ..explain.detail import Detail
from ..explain.live import LiveModel
from ..explain.loading import weights_paths
from ..explain.onnx_backend import OnnxBackend, agrees, level_part, onnx_suffix, parts_of
from ..explain.prior_loading import LoadedPrior, open_prior
from ..explain.torch_backend import TorchBackend
from ..files import replace_together
from ..model.card import ModelCard, hash_of
from ..model.config import IMAGE_SIZE
from ..model.playback import read_playback
from ..model.quantizer import VectorQuantizer
from ..model.vqvae import VQVAE, Losses
from ..model.weights import hashes, to_model
from ..model.weights_file import WeightsFile
from .drawings import authored_digits


def export(path: Path) -> None:
    """Write the bundle of a weights file, or of each in a folder. Its files and the card are replaced together.

    Raises:
        UserError: the weights cannot be used, or the folder cannot be written.
    """
    for weights_path in weights_paths(path):
        weights = WeightsFile(weights_path)
        playback = read_playback(weights_path, weights.card)
        files = export_bundle(to_model(weights), weights.card, weights.sha256, playback, open_prior(weights_path))
        sha256 = {suffix: hash_of(content) for suffix, content in files.items()}
        known = weights.card.sha256 or hashes(weights_path)
        files["json"] = weights.card.model_copy(update={"sha256": known | sha256}).to_bytes()
        stem = weights_path.stem
        contents = {f"{stem}.{suffix}": content for suffix, content in files.items()}
        replace_together(weights_path.parent, stem, contents)
        print(f"Wrote the bundle of {weights_path}: {sum(map(len, contents.values())) / 1e6:.1f} MB.", flush=True)


def export_bundle(
    model: VQVAE, card: ModelCard, weights: str, playback: bytes | None, prior: LoadedPrior | None = None
) -> dict[str, bytes]:
    """The files of a model's bundle, by suffix.

    Args:
        model: on any device, in any mode; is put into evaluation mode on the CPU.
        card: of the model.
        weights: SHA-256 of its weights file.
        playback: the file with the snapshots of its training, if they were recorded.
        prior: over its codes, if there is one.

    Raises:
        UserError: ONNX Runtime does not give the model's results.
    """
    model = model.cpu().eval()
    parts = export_onnx(model)
    own = TorchBackend(model)
    if not agrees(own, OnnxBackend(parts, own.codebooks)):
        raise UserError(f"The ONNX export of {card.config.name} does not give the same results as the model.")
    detail = Detail.model_validate(LiveModel(model, card, playback=playback, prior=prior).detail)
    check = check_of(own, authored_digits()[0].numpy().tobytes())
    document = DetailFile(weights=weights, sources=source_hashes(), detail=detail, check=check)
    return {onnx_suffix(part): content for part, content in parts.items()} | {SUFFIX: document.to_bytes()}


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
    """The ONNX file of each part of a model.

    Args:
        model: in evaluation mode, on the CPU.
    """
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    pictures = torch.zeros(2, 2, 1, IMAGE_SIZE, IMAGE_SIZE)
    losses = torch.zeros(2, 2)
    vectors: dict[str, Tensor] = {}
    parts: dict[str, tuple[nn.Module, dict[str, Tensor], tuple[str, ...]]] = {}
    for id, grid, encoder, quantizer in model.levels:
        parts[level_part("encoder", id)] = (encoder, {"input": pictures[0], **vectors}, ("features",))
        features = torch.zeros(2, model.config.embedding_dim, *grid.shape)
        parts[level_part("quantizer", id)] = (QuantizerExport(quantizer), {"input": features}, Quantized._fields)
        vectors[id or "input"] = features
    parts |= {
        "decoder": (model.decoder, vectors, ("reconstruction",)),
        "losses": (
            LossesExport(model),
            # Different tensors: the exporter takes two arguments that are one tensor for one.
            dict(zip(("input", "picture", "codebook_loss", "commitment_loss"), (*pictures, *losses), strict=True)),
            DrawingLosses._fields,
        ),
    }
    files = {}
    for part in parts_of(model.config):
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
        files[part] = program.model_proto.SerializeToString()
    return files
