"""The configuration of a prior and of its training, saved beside its weights."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .card import is_empty
from .grid import MAIN, Grid

CLASSES = 10  # the digits 0 to 9
ANY_CLASS = CLASSES  # the label of a digit whose class is not given


class PriorConfig(BaseModel):
    """Everything that determines the weights of a trained prior.

    Raises:
        pydantic.ValidationError: a value is out of bounds, or a field is unknown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="Name of the VQ-VAE whose codes it models.")
    model_sha256: str = Field(description="SHA-256 of the VQ-VAE's weights.")
    height: int = Field(ge=1, le=28, description="H, the rows of the grid of codes.")
    width: int = Field(ge=1, le=28, description="W, the columns of the grid of codes.")
    coarse: dict[str, tuple[int, int]] = Field(
        {},
        exclude_if=is_empty,
        description="Rows and columns of the coarser grids of a model of several levels, in their order.",
    )
    num_embeddings: int = Field(ge=2, le=4096, description="K, the number of codes.")

    architecture: Literal["transformer", "pixelcnn"] = Field("transformer", description="A file in model/.")
    channels: int = Field(64, ge=2, le=1024, description="C, the length of the vector of a cell.")
    layers: int = Field(3, ge=1, le=32, description="Layers of the network.")
    heads: int = Field(4, ge=1, le=32, description="Attention heads of a layer of the transformer.")
    class_inputs: Literal["first", "all"] = Field(
        "first",
        exclude_if=lambda inputs: inputs == "first",
        description="Cells of the transformer whose input has the class: the first, or all.",
    )
    class_dropout: float = Field(0.2, ge=0, le=1, description="Fraction of digits trained without their class.")

    learning_rate: float = Field(3e-3, gt=0, le=1, description="Peak learning rate of the one-cycle schedule.")
    weight_decay: float = Field(0.05, ge=0, le=1, description="Decoupled weight decay of AdamW.")
    batch_size: int = Field(128, ge=1, le=60_000, description="Digits in a step.")
    epochs: int = Field(12, ge=1, le=10_000, description="Passes over the training digits.")
    seed: int = Field(0, ge=0, lt=2**32, description="Seed of the weights and the order of digits.")

    @property
    def grids(self) -> dict[str, Grid]:
        """The grid of each level by its id, in the order of the predictions: coarse ones first."""
        shapes = self.coarse | {MAIN: (self.height, self.width)}
        return {level: Grid(*shape, self.num_embeddings) for level, shape in shapes.items()}

    @property
    def cells(self) -> int:
        """T, the cells of all levels."""
        return sum(grid.cells for grid in self.grids.values())

    @model_validator(mode="after")
    def check(self) -> "PriorConfig":
        if self.channels % self.heads:
            raise ValueError(f"channels must be a multiple of heads, got {self.channels} and {self.heads}")
        if self.architecture == "pixelcnn" and self.coarse:
            raise ValueError("a PixelCNN has one grid; this model has several: use a transformer")
        return self


# The settings of `train-prior --preset`, beside those that follow from the VQ-VAE.
PRIOR_PRESETS: dict[str, dict[str, Any]] = {
    "transformer": {"architecture": "transformer", "class_inputs": "all"},
    "pixelcnn": {"architecture": "pixelcnn", "channels": 48, "layers": 6, "learning_rate": 2e-3},
}
