"""The grid of codes that stands for a picture."""

import math
from dataclasses import dataclass

from .config import IMAGE_SIZE


@dataclass(frozen=True)
class Grid:
    """`height` × `width` cells, each holding one of `num_embeddings` codes (H, W and K in shapes).

    Cell (i, j) is row i, column j of the picture, and row i·W + j of the quantizer's matrices.
    """

    height: int
    width: int
    num_embeddings: int

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.height, self.width

    @property
    def cells(self) -> int:
        """H·W."""
        return self.height * self.width

    @property
    def bits(self) -> float:
        """Bits that the codes of a picture take: H·W·log2 K."""
        return self.cells * math.log2(self.num_embeddings)

    @property
    def patch(self) -> tuple[int, int]:
        """Height and width in pixels of the part of the picture that a cell stands for."""
        return IMAGE_SIZE // self.height, IMAGE_SIZE // self.width
