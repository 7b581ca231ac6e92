"""The prior: predicts each code of a grid from the codes before it, so that new grids can be sampled code by code.

The probability of a grid is a product of conditional ones, p(x) = ∏ p(xₜ | x₁, …, xₜ₋₁, class), with the cells in scan
order: row by row, from left to right (van den Oord et al. 2017, section 3.3, who use a PixelCNN: see `pixelcnn.py`).
Here a causal transformer computes them (Vaswani et al. 2017, arXiv:1706.03762; pre-norm: Xiong et al. 2020,
arXiv:2002.04745).

A hierarchical model has two grids: the coarse one comes first, so that the fine one is predicted from it.

Shapes: batch size B, T = H·W cells of all L levels, K codes, C channels, A attention heads, N neighbors.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .prior_config import CLASSES, PriorConfig
from .prior_layout import layout_of


class Prior(nn.Module):
    """A causal transformer over the codes of a picture.

    The input for cell t is the code of cell t − 1 (the class for the first cell), the row and column of cell t, the
    class, and the codes around cell t, and over it in the coarser grid, that come before it. Each layer then looks at
    the inputs for cells up to t.

    Code k of one level is not code k of another: embeddings and logits of level l begin at l·K.
    """

    # Of the layout; see there.
    levels: Tensor  # (T,)
    rows_of: Tensor  # (T,)
    columns_of: Tensor  # (T,)
    cells: Tensor  # (N, T), of the neighbors

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config = config
        grids = tuple(config.grids.values())
        layout = layout_of(grids)
        channels, size = config.channels, len(grids) * config.num_embeddings
        self.classes = nn.Embedding(CLASSES + 1, channels)  # the last one: class not given
        self.codes = nn.Embedding(size, channels)
        self.rows = nn.Embedding(sum(grid.height for grid in grids), channels)
        self.columns = nn.Embedding(sum(grid.width for grid in grids), channels)
        self.neighbors = nn.ModuleList(nn.Embedding(size + 1, channels) for _ in layout.neighbors)  # the last: outside
        self.layers = nn.ModuleList(Layer(channels, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(channels)
        self.logits = nn.Linear(channels, size)
        tensors = zip(("levels", "rows_of", "columns_of", "cells"), layout, strict=True)
        for name, values in tensors:
            self.register_buffer(name, torch.tensor(values), persistent=False)
        for embedding in (module for module in self.modules() if isinstance(module, nn.Embedding)):
            nn.init.normal_(embedding.weight, std=0.1)

    def forward(self, codes: Tensor, labels: Tensor) -> Tensor:
        """Predict all codes at once; the prediction for a cell depends only on the cells before it.

        Args:
            codes: (B, T), in the order of the layout.
            labels: (B,), the classes; 10 if not given.

        Returns:
            (B, T, K) logits.
        """
        x = self.embed(codes, labels)  # (B, T, C)
        for layer in self.layers:
            x = layer(x)  # (B, T, C)
        of_levels = self.logits(self.norm(x)).unflatten(2, (-1, self.config.num_embeddings))  # (B, T, L, K)
        logits: Tensor = of_levels[:, torch.arange(len(self.levels)), self.levels]  # (B, T, K)
        return logits

    def embed(self, codes: Tensor, labels: Tensor) -> Tensor:
        """The inputs (B, T, C) of the first layer."""
        codes = codes + self.levels * self.config.num_embeddings  # (B, T), from 0 to L·K
        start = self.classes(labels)[:, None]  # (B, 1, C)
        x: Tensor = torch.cat([start, self.codes(codes[:, :-1])], dim=1)  # (B, T, C)
        if self.config.class_inputs == "all":
            x = x + start  # (B, T, C)
        x = x + self.rows(self.rows_of) + self.columns(self.columns_of)  # (B, T, C)
        padded = F.pad(codes, (0, 1), value=self.codes.num_embeddings)  # (B, T + 1), the last: outside the grid
        for embedding, cells in zip(self.neighbors, self.cells, strict=True):
            x = x + embedding(padded[:, cells])  # (B, T, C)
        return x


class Layer(nn.Module):
    """Causal self-attention, then a network that treats each cell alone; both add to their input."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(channels)
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.mix = nn.Linear(channels, channels)
        self.norm2 = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 4 * channels)
        self.contract = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (B, T, C) to the same shape."""
        x = x + self.mix(self.attend(self.query_key_value(self.norm1(x))))  # (B, T, C)
        hidden = F.gelu(self.expand(self.norm2(x)), approximate="tanh")  # (B, T, 4C)
        change: Tensor = self.contract(hidden)  # (B, T, C)
        return x + change  # (B, T, C)

    def attend(self, query_key_value: Tensor) -> Tensor:
        """For each cell, the mean of the values of the cells up to it, weighted by softmax(q · k / √(C/A))."""
        batch, length, _ = query_key_value.shape
        split = query_key_value.view(batch, length, 3, self.heads, -1)  # (B, T, 3, A, C/A)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # (B, A, T, C/A) each
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)  # (B, A, T, C/A)
        return attended.transpose(1, 2).reshape(batch, length, -1)  # (B, T, C)
