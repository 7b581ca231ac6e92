"""A prior on disk: `<model>.prior.safetensors`, and `<model>.prior.json` (its card) beside it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ..errors import UserError
from ..files import finish_replacing, replace_together, replacing
from .card import hash_of
from .prior_card import PriorCard

Tensors = Mapping[str, NDArray[np.float32]]


def prior_path(weights: Path) -> Path:
    """Path of the prior's weights beside those of its VQ-VAE."""
    return weights.with_suffix(".prior.safetensors")


def save_prior(tensors: Tensors, card: PriorCard, folder: Path) -> Path:
    """Write weights and card to `folder`. They are replaced together, also if the process is killed.

    Returns:
        The path of the weights.

    Raises:
        UserError: the folder cannot be written.
    """
    name = f"{card.config.model}.prior"
    weights = save(dict(tensors), metadata={"config": card.config.model_dump_json()})
    card = card.model_copy(update={"sha256": hash_of(weights)})
    replace_together(folder, name, {f"{name}.safetensors": weights, f"{name}.json": to_bytes(card)})
    return folder / f"{name}.safetensors"


def save_prior_card(card: PriorCard, path: Path) -> None:
    """Replace the card of the prior whose weights are at `path`.

    Raises:
        UserError: the file cannot be written.
    """
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_bytes(to_bytes(card))


def to_bytes(card: PriorCard) -> bytes:
    return (card.model_dump_json(indent=1) + "\n").encode()


def load_prior(path: Path) -> tuple[dict[str, NDArray[np.float32]], PriorCard]:
    """Load the tensors of a prior and its card.

    Raises:
        UserError: a file is missing or damaged, or card and weights are not from the same training.
    """
    finish_replacing(path.parent, path.stem)
    if not path.is_file():
        raise UserError(f"There is no prior at {path}. Expected a .safetensors file written by `train-prior`.")
    card_path = path.with_suffix(".json")
    try:
        card = PriorCard.model_validate_json(card_path.read_bytes())
        weights = path.read_bytes()
        tensors: dict[str, NDArray[np.float32]] = load(weights)
    except ValidationError as error:
        raise UserError(f"{card_path} is not the card of a prior. Train the prior again.") from error
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"The prior {path} cannot be read ({error}). Copy or train it again.") from error
    if not card.accepts(weights):
        raise UserError(f"The prior {path} does not have the SHA-256 that {card_path.name} names. Train it again.")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise UserError(f"The prior {path} contains values that are not finite. Train it again.")
    return tensors, card
