"""Weights on disk: `<name>.safetensors`, and `<name>.json` (the card) beside it."""

from pathlib import Path

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..errors import UserError
from ..files import replacing
from .card import ModelCard
from .config import Config
from .vqvae import VQVAE


def save_weights(model: VQVAE, card: ModelCard, folder: Path) -> Path:
    """Write a model and its card to `folder`. Each file is replaced atomically.

    Returns:
        The path of the weights.

    Raises:
        UserError: the folder cannot be written.
    """
    path = folder / f"{card.config.name}.safetensors"
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with replacing(path) as temporary:
        # The configuration is stored in both files, so that a card of another model is detected.
        temporary.write_bytes(save(tensors, metadata={"config": card.config.model_dump_json()}))
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def load_weights(path: Path) -> tuple[VQVAE, ModelCard]:
    """Load a model, in evaluation mode on the CPU, and its card.

    Raises:
        UserError: a file is missing or damaged, or the card and the weights have different configurations.
    """
    if not path.is_file():
        raise UserError(f"There are no weights at {path}. Expected a .safetensors file written by `train`.")
    card = load_card(path.with_suffix(".json"))
    try:
        with safe_open(path, framework="pt") as file:
            config = Config.model_validate_json((file.metadata() or {}).get("config", ""))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise UserError(f"The weights {path} are damaged ({error}). Copy or train them again.") from error
    except ValidationError as error:
        raise UserError(f"The weights {path} contain no configuration that this version can read.") from error
    if config != card.config:
        raise UserError(
            f"The weights {path} have another configuration than {path.with_suffix('.json').name} beside them. "
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
