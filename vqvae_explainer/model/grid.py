"""The grids of codes of a picture."""

import math
from dataclasses import dataclass

from .config import IMAGE_SIZE, Config

SHAPES = {"residual": (7, 7), "strided": (7, 7), "minimal": (7, 7), "mlp": (1, 1)}  # H and W, by architecture
MAIN = ""  # the id of the level that every model has; that of the coarse level of a hierarchical model is "top"


def at_level(stage: str, level: str) -> str:
    """The id of a level's stage: "features" of the main level, "features.top" of the top."""
    return f"{stage}.{level}" if level else stage


@dataclass(frozen=True)
class Grid:
    """`height` × `width` cells, each holding one of `num_embeddings` codes (H, W and K in shapes).

    Cell (i, j) is row i, column j of the picture, and row i·W + j of the quantizer's matrices.
    """

    height: int
    width: int
    num_embeddings: int

    @classmethod
    def of(cls, config: Config) -> "Grid":
        """The grid of the main level."""
        return grids_of(config)[MAIN]

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    @property
    def cells(self) -> int:
        return self.height * self.width

    @property
    def bits(self) -> float:
        """Size of the codes of a picture in bits: H·W·log2 K."""
        return self.cells * math.log2(self.num_embeddings)

    @property
    def patch(self) -> tuple[int, int]:
        """Height and width of a cell's part of the picture, in pixels."""
        return IMAGE_SIZE // self.height, IMAGE_SIZE // self.width


def grids_of(config: Config) -> dict[str, Grid]:
    """The grid of each level by its id, in the order in which they are computed."""
    if config.architecture != "hierarchical":
        return {MAIN: Grid(*SHAPES[config.architecture], config.num_embeddings)}
    size, half = config.bottom_size, -(-config.bottom_size // 2)
    return {"top": Grid(half, half, config.num_embeddings), MAIN: Grid(size, size, config.num_embeddings)}
