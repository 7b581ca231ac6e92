"""Snapshots of a training run: `<name>.playback.json` beside the weights."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import UserError
from .card import AS_MAIN, ModelCard, is_empty

SUFFIX = "playback.json"

Points = list[tuple[float, float]]


class SnapshotLosses(BaseModel):
    """Mean losses over the sample."""

    reconstruction: float = Field(description="Mean squared error of a pixel, ink in [0, 1].")
    codebook: float = Field(description="Mean of (sg[z_e] − e)².")
    commitment: float = Field(description="Mean of (z_e − sg[e])², not weighted by β.")


class LevelUsage(BaseModel):
    """How the codes of a level were used."""

    perplexity: float = AS_MAIN
    codes_used: int = AS_MAIN
    usage: list[float] = AS_MAIN


class Snapshot(BaseModel):
    """The model after some steps, measured on a fixed sample of training digits."""

    step: int = Field(ge=0, description="Steps of the optimizer so far.")
    epoch: float = Field(ge=0, description="Passes over the training digits so far.")
    losses: SnapshotLosses = Field(description="Loss terms.")
    perplexity: float = Field(description="exp of the entropy of code usage.")
    codes_used: int = Field(description="Codes chosen by at least one cell.")
    usage: list[float] = Field(description="(K,): fraction of all cells that chose each code.")
    positions: Points = Field(description="(K, 2): codes on the first two principal axes of the final codebook.")
    features: Points = Field(description="(n·H·W, 2): feature vectors of the example digits on the same axes.")
    reconstructions: str = Field(description="Base64 of (n, 28, 28) bytes: reconstructions of the example digits.")
    levels: dict[str, LevelUsage] = Field({}, exclude_if=is_empty, description="Of the other levels, by their id.")


class Playback(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Name of the model.")
    total_steps: int = Field(description="Optimizer steps of the whole run.")
    digits: list[int] = Field(description="(n,): the example digits that are reconstructed in each snapshot.")
    originals: str = Field(description="Base64 of (n, 28, 28) bytes: the example digits.")
    snapshots: list[Snapshot] = Field(min_length=1, description="In order of step.")

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return (self.model_dump_json() + "\n").encode()


def playback_path(weights: Path) -> Path:
    return weights.with_suffix(f".{SUFFIX}")


def load_playback(weights: Path, card: ModelCard) -> Playback | None:
    """Load the playback of a weights file; None if there is none that the card names.

    Raises:
        UserError: the file is damaged, or was not written together with the card.
    """
    content = read_playback(weights, card)
    return None if content is None else Playback.model_validate_json(content)


def read_playback(weights: Path, card: ModelCard) -> bytes | None:
    """The content of the playback file of a weights file; None if there is none that the card names.

    Raises:
        UserError: the file is damaged, or was not written together with the card.
    """
    path = playback_path(weights)
    if not path.is_file() or (card.sha256 and SUFFIX not in card.sha256):
        return None
    try:
        content = path.read_bytes()
        if not card.sha256 or not card.accepts(SUFFIX, content):
            Playback.model_validate_json(content)
    except (OSError, ValidationError) as error:
        raise UserError(f"Cannot read the playback {path}. Delete it, or train the model again.") from error
    if not card.accepts(SUFFIX, content):
        raise UserError(f"The playback {path} is not from the same training run as {weights.name} beside it.")
    return content
