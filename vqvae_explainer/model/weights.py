"""Models on disk: `<name>.safetensors`, `<name>.json` (the card) beside it, and other files that the card names."""

from collections.abc import Mapping
from glob import escape
from pathlib import Path

from safetensors.torch import load, save

from ..errors import UserError
from ..files import replace_together
from .card import ModelCard, hash_of
from .hierarchical import make_model
from .vqvae import VQVAE
from .weights_file import SUFFIX, WeightsFile


def save_weights(model: VQVAE, card: ModelCard, folder: Path, others: Mapping[str, bytes] | None = None) -> Path:
    """Write the files of a model to `folder`. They are replaced together, also if the process is killed.

    Args:
        model: its weights become `<name>.safetensors`.
        card: becomes `<name>.json`, with the SHA-256 of all other files.
        folder: is made if it does not exist.
        others: the content of other files of the same training, by suffix.

    Returns:
        The path of the weights.

    Raises:
        UserError: the folder cannot be written.
    """
    name = card.config.name
    files = {SUFFIX: to_safetensors(model), **(others or {})}
    card = card.model_copy(update={"sha256": {suffix: hash_of(content) for suffix, content in files.items()}})
    files["json"] = card.to_bytes()
    replace_together(folder, name, {f"{name}.{suffix}": content for suffix, content in files.items()})
    return folder / f"{name}.{SUFFIX}"


def to_safetensors(model: VQVAE) -> bytes:
    """The content of a model's weights file."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    # The configuration is stored in both files, so that a card of another model is detected.
    return save(tensors, metadata={"config": model.config.model_dump_json()})


def hashes(weights: Path) -> dict[str, str]:
    """SHA-256 of the files of a model other than its card, by suffix."""
    patterns = (SUFFIX, "playback.json", "*.onnx", "detail.json")
    paths = [path for pattern in patterns for path in sorted(weights.parent.glob(f"{escape(weights.stem)}.{pattern}"))]
    return {path.name.removeprefix(f"{weights.stem}."): hash_of(path.read_bytes()) for path in paths}


def load_weights(path: Path) -> tuple[VQVAE, ModelCard]:
    """Load a model, in evaluation mode on the CPU, and its card.

    Raises:
        UserError: a file is missing or damaged, or the card and the weights are not from the same training.
    """
    weights = WeightsFile(path)
    return to_model(weights), weights.card


def to_model(weights: WeightsFile) -> VQVAE:
    """The model of a weights file, in evaluation mode on the CPU.

    Raises:
        UserError: the tensors cannot be those of such a model.
    """
    path, tensors = weights.path, load(weights.content)
    model = make_model(weights.card.config)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise UserError(f"The weights {path} do not fit their configuration. Train them again.") from error
    if not all(tensor.isfinite().all() for tensor in tensors.values()):
        raise UserError(f"The weights {path} contain values that are not finite. Train them again.")
    return model.eval().requires_grad_(False)
