"""Encoder and decoder as ONNX files, which `serve` runs faster than PyTorch does."""

import contextlib
import io
import warnings
from pathlib import Path

import torch

from ..explain.compiled import onnx_path
from ..files import replacing
from ..model.config import IMAGE_SIZE
from ..model.vqvae import VQVAE


def export_onnx(model: VQVAE, weights: Path) -> list[Path]:
    """Write `<name>.encoder.onnx` and `<name>.decoder.onnx` beside a weights file, each whole or not at all.

    Args:
        model: in evaluation mode.
        weights: the model's file.

    Returns:
        The files.

    Raises:
        UserError: the folder cannot be written.
    """
    config = model.config
    grid = (config.embedding_dim, config.grid_size, config.grid_size)
    inputs = {"encoder": torch.zeros(2, 1, IMAGE_SIZE, IMAGE_SIZE), "decoder": torch.zeros(2, *grid)}
    paths = []
    for network, input in inputs.items():
        any_batch = ({0: torch.export.Dim("batch")},)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # the exporter warns of its own parts
            program = torch.onnx.export(
                getattr(model, network).cpu(), (input,), dynamo=True, dynamic_shapes=any_batch, verbose=False
            )
        assert program is not None
        path = onnx_path(weights, network)
        with replacing(path) as temporary:
            temporary.write_bytes(program.model_proto.SerializeToString())
        paths.append(path)
    return paths
