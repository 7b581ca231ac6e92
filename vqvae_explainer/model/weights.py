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
    """Write a model and its card to `folder`, each file whole or not at all.

    Returns:
        The path of the weights.

    Raises:
        UserError: the folder cannot be written.
    """
    path = folder / f"{card.config.name}.safetensors"
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with replacing(path) as temporary:
        # The configuration travels inside as well, so that a card of another model is noticed.
        temporary.write_bytes(save(tensors, metadata={"config": card.config.model_dump_json()}))
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def load_weights(path: Path) -> tuple[VQVAE, ModelCard]:
    """Read a model, in evaluation mode on the CPU, and its card.

    Raises:
        UserError: a file is missing or damaged, or card and weights are of different configurations.
    """
    if not path.is_file():
        raise UserError(f"There are no weights at {path}: expected a .safetensors file that `train` wrote.")
    card = load_card(path.with_suffix(".json"))
    try:
        with safe_open(path, framework="pt") as file:
            config = Config.model_validate_json((file.metadata() or {}).get("config", ""))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise UserError(f"The weights {path} are damaged ({error}): copy or train them again.") from error
    except ValidationError as error:
        raise UserError(f"The weights {path} hold no configuration that this version knows.") from error
    if config != card.config:
        raise UserError(
            f"The weights {path} are of another configuration than {path.with_suffix('.json').name} beside them: "
            "keep the two files of one training run together."
        )
    model = VQVAE(config).to(memory_format=torch.channels_last)  # the layout in which CPUs convolve fastest
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise UserError(f"The weights {path} do not fit their own configuration: train them again.") from error
    if not all(tensor.isfinite().all() for tensor in tensors.values()):
        raise UserError(f"The weights {path} hold numbers that are not finite: train them again.")
    return model.eval().requires_grad_(False), card


def load_card(path: Path) -> ModelCard:
    """Read a card.

    Raises:
        UserError: it is missing or not a card.
    """
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError(
            f"There is no card {path} beside the weights: expected the .json that `train` wrote."
        ) from error
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise UserError(f"The card {path} cannot be read ({reason}): copy or train it again.") from error
