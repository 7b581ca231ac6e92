"""How a codebook came about: `<name>.playback.json`, snapshots of training beside the weights."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import UserError

Points = list[tuple[float, float]]


class SnapshotLosses(BaseModel):
    """Means over the sample."""

    reconstruction: float = Field(description="Mean squared error of a pixel, ink in [0, 1].")
    codebook: float = Field(description="Mean of (sg[z_e] − e)².")
    commitment: float = Field(description="Mean of (z_e − sg[e])², not weighted by β.")


class Snapshot(BaseModel):
    """The model after some steps, measured on a fixed sample of training digits."""

    step: int = Field(ge=0, description="Steps of the optimizer so far.")
    epoch: float = Field(ge=0, description="The same in passes over the training digits.")
    losses: SnapshotLosses = Field(description="Terms of the loss.")
    perplexity: float = Field(description="exp of the entropy of code use.")
    codes_used: int = Field(description="Codes that at least one cell chose.")
    usage: list[float] = Field(description="(K,): share of all cells that chose each code.")
    positions: Points = Field(description="(K, 2): codes on the two principal axes of the final codebook.")
    features: Points = Field(description="(n·H·W, 2): feature vectors of the authored digits on the same axes.")
    reconstructions: str = Field(description="Base64 of (n, 28, 28) bytes: what became of the authored digits.")


class Playback(BaseModel):
    """The snapshots of one training run."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="The model's.")
    total_steps: int = Field(description="Of the whole run.")
    digits: list[int] = Field(description="(n,): which digits were drawn by the authors to be watched.")
    originals: str = Field(description="Base64 of (n, 28, 28) bytes: those drawings.")
    snapshots: list[Snapshot] = Field(min_length=1, description="In the order of their steps.")


def playback_path(weights: Path) -> Path:
    """Where the playback of a weights file is, if it has one."""
    return weights.with_suffix(".playback.json")


def load_playback(weights: Path) -> Playback | None:
    """The playback beside a weights file; None if there is none.

    Raises:
        UserError: it is damaged.
    """
    path = playback_path(weights)
    if not path.is_file():
        return None
    try:
        return Playback.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(f"The playback {path} cannot be read: delete it, or train the model again.") from error
