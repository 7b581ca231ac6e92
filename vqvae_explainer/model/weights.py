"""Weights on disk: `<name>.safetensors`, `<name>.json` (the card) beside it, and other files that the card names."""

from collections.abc import Mapping
from glob import escape
from pathlib import Path

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..errors import UserError
from ..files import finish_replacing, replace_together, replacing
from .card import ModelCard, hash_of
from .config import Config
from .vqvae import VQVAE

SUFFIX = "safetensors"


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
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    # The configuration is stored in both files, so that a card of another model is detected.
    files = {SUFFIX: save(tensors, metadata={"config": card.config.model_dump_json()}), **(others or {})}
    card = card.model_copy(update={"sha256": {suffix: hash_of(content) for suffix, content in files.items()}})
    files["json"] = to_bytes(card)
    replace_together(folder, name, {f"{name}.{suffix}": content for suffix, content in files.items()})
    return folder / f"{name}.{SUFFIX}"


def save_card(card: ModelCard, weights: Path) -> None:
    """Replace the card of a weights file.

    Raises:
        UserError: the file cannot be written.
    """
    with replacing(weights.with_suffix(".json")) as temporary:
        temporary.write_bytes(to_bytes(card))


def hashes(weights: Path) -> dict[str, str]:
    """SHA-256 of the files of a model other than its card, by suffix."""
    patterns = (SUFFIX, "playback.json", "*.onnx")
    paths = [path for pattern in patterns for path in sorted(weights.parent.glob(f"{escape(weights.stem)}.{pattern}"))]
    return {path.name.removeprefix(f"{weights.stem}."): hash_of(path.read_bytes()) for path in paths}


def to_bytes(card: ModelCard) -> bytes:
    return (card.model_dump_json(indent=1) + "\n").encode()


def load_weights(path: Path) -> tuple[VQVAE, ModelCard]:
    """Load a model, in evaluation mode on the CPU, and its card.

    Raises:
        UserError: a file is missing or damaged, or the card and the weights are not from the same training.
    """
    finish_replacing(path.parent, path.stem)
    if not path.is_file():
        raise UserError(f"There are no weights at {path}. Expected a .safetensors file written by `train`.")
    card = load_card(path.with_suffix(".json"))
    try:
        with safe_open(path, framework="pt") as file:
            config = Config.model_validate_json((file.metadata() or {}).get("config", ""))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        same_training = card.accepts(SUFFIX, path.read_bytes())
    except (SafetensorError, OSError) as error:
        raise UserError(f"The weights {path} are damaged ({error}). Copy or train them again.") from error
    except ValidationError as error:
        raise UserError(f"The weights {path} contain no configuration that this version can read.") from error
    if config != card.config:
        raise UserError(
            f"The weights {path} have another configuration than {path.with_suffix('.json').name} beside them. "
            "Both files must be from the same training run."
        )
    if not same_training:
        raise UserError(
            f"The weights {path} do not have the SHA-256 that {path.with_suffix('.json').name} beside them names. "
            "Both files must be from the same training run."
        )
    model = VQVAE(config).to(memory_format=torch.channels_last)  # fastest layout for convolutions on CPUs
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise UserError(f"The weights {path} do not fit their configuration. Train them again.") from error
    if not all(tensor.isfinite().all() for tensor in tensors.values()):
        raise UserError(f"The weights {path} contain values that are not finite. Train them again.")
    return model.eval().requires_grad_(False), card


def load_card(path: Path) -> ModelCard:
    """Load a card.

    Raises:
        UserError: the file is missing or is not a card.
    """
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError(
            f"There is no card {path} beside the weights. Expected the .json file written by `train`."
        ) from error
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise UserError(f"Cannot read the card {path} ({reason}). Copy or train it again.") from error
