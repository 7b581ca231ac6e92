"""Runs a prior with NumPy, one cell at a time: `model/prior.py` without PyTorch.

Keys and values of the cells that are done are kept, so that a further cell costs the same as the first.

Shapes: batch size B, T = H·W cells of all L levels, S cells at once, K codes, C channels, A attention heads, N
neighbors.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model.prior_config import PriorConfig
from ..model.prior_layout import layout_of
from ..model.prior_weights import Tensors
from .backend import Floats, Indices

EPSILON = 1e-5  # of PyTorch's LayerNorm


@dataclass
class State:
    """Codes that are being read or written."""

    labels: Indices  # (B,), the classes; 10 if not given
    codes: Indices  # (B, T + 1), in the order of the layout; the last stands for a neighbor outside the grid
    keys: Floats  # (layers, B, A, T, C/A), of the cells that are done
    values: Floats  # (layers, B, A, T, C/A)
    done: int = 0  # number of cells whose code has been predicted


class NumpyPrior:
    """A transformer.

    Args:
        config: of the prior.
        tensors: those of its weights file, by name.
        code_usage: (L·K,), how often the training digits have each code of each level.

    Raises:
        ValueError: the tensors are not those of such a prior.
    """

    def __init__(self, config: PriorConfig, tensors: Tensors, code_usage: NDArray[np.float64]) -> None:
        if config.architecture != "transformer":
            raise ValueError(f"only transformers run without PyTorch, not {config.architecture}")
        self.config = config
        self.code_usage = code_usage
        self._tensors = tensors
        try:
            rows, columns = tensors["rows.weight"], tensors["columns.weight"]  # (H, C), (W, C)
            self._layout = layout_of(tuple(config.grids.values()))
            self._positions = rows[self._layout.rows] + columns[self._layout.columns]  # (T, C)
            self._cells = np.array(self._layout.neighbors)  # (N, T)
            # What makes a code one of its level; for the last, which is no code, one of none.
            self._offsets = np.array([*self._layout.levels, len(config.grids)]) * config.num_embeddings  # (T + 1,)
            names = [f"neighbors.{n}.weight" for n in range(len(self._cells))]
            self._neighbors = np.stack([tensors[name] for name in names])  # (N, L·K + 1, C)
            self.predict(self.start(np.zeros(1, dtype=np.int64)), 1)
        except (KeyError, ValueError) as error:
            raise ValueError(f"the weights do not fit their configuration ({error})") from error

    def usage_of(self, codes: Indices) -> NDArray[np.float64]:
        """How often the training digits have each of the codes (B, T) in its level."""
        usage: NDArray[np.float64] = self.code_usage[codes + self._offsets[:-1]]
        return usage

    def start(self, labels: Indices) -> State:
        """Begin pictures of the classes (B,); their codes are not known."""
        config = self.config
        batch = len(labels)
        shape = config.layers, batch, config.heads, config.cells, config.channels // config.heads
        cache = np.empty((2, *shape), dtype=np.float32)
        codes = np.zeros((batch, config.cells + 1), dtype=np.int64)  # (B, T + 1)
        return State(labels, codes, *cache)

    def read(self, codes: Indices, labels: Indices) -> Floats:
        """Predict all codes (B, T) of the classes (B,): logits (B, T, K)."""
        state = self.start(labels)
        state.codes[:, :-1] = codes
        return self.predict(state, codes.shape[1])

    def predict(self, state: State, stop: int) -> Floats:
        """Predict the codes of the cells from `state.done` to `stop`; the codes before the last must be known.

        Returns:
            (B, S, K) logits.
        """
        cells = slice(state.done, stop)
        x = self._embed(state, cells)  # (B, S, C)
        for layer in range(self.config.layers):
            x = x + self._attend(state, layer, cells, self._norm(f"layers.{layer}.norm1", x))  # (B, S, C)
            hidden = gelu(self._linear(f"layers.{layer}.expand", self._norm(f"layers.{layer}.norm2", x)))  # (B, S, 4C)
            x = x + self._linear(f"layers.{layer}.contract", hidden)  # (B, S, C)
        state.done = stop
        of_levels = self._linear("logits", self._norm("norm", x))  # (B, S, L·K)
        batch, length, _ = of_levels.shape
        of_levels = of_levels.reshape(batch, length, -1, self.config.num_embeddings)  # (B, S, L, K)
        logits: Floats = of_levels[:, np.arange(length), self._layout.levels[cells]]  # (B, S, K)
        return logits

    def _embed(self, state: State, cells: slice) -> Floats:
        """The inputs (B, S, C) of the first layer."""
        symbols = state.codes + self._offsets  # (B, T + 1), from 0 to L·K
        previous = self._tensors["codes.weight"][symbols[:, max(cells.start - 1, 0) : cells.stop - 1]]
        start = self._tensors["classes.weight"][state.labels][:, None]  # (B, 1, C)
        if cells.start == 0:
            previous = np.concatenate([start, previous], axis=1)  # (B, S, C)
        if self.config.class_inputs == "all":
            previous = previous + start  # (B, S, C)
        neighbors = symbols[:, self._cells[:, cells]]  # (B, N, S)
        around = self._neighbors[np.arange(len(self._cells))[:, None], neighbors].sum(axis=1)  # (B, S, C)
        embedded: Floats = previous + self._positions[cells] + around  # (B, S, C)
        return embedded

    def _attend(self, state: State, layer: int, cells: slice, x: Floats) -> Floats:
        """Self-attention of the cells (B, S, C) to all cells up to them."""
        batch, length, channels = x.shape
        name, heads = f"layers.{layer}", self.config.heads
        split = self._linear(f"{name}.query_key_value", x).reshape(batch, length, 3, heads, -1)
        query, key, value = split.transpose(2, 0, 3, 1, 4)  # (B, A, S, C/A) each
        state.keys[layer, :, :, cells], state.values[layer, :, :, cells] = key, value
        keys, values = (cache[layer, :, :, : cells.stop] for cache in (state.keys, state.values))  # (B, A, stop, C/A)
        scores = query @ keys.swapaxes(2, 3) * np.float32(math.sqrt(heads / channels))  # (B, A, S, stop)
        if length > 1:
            later = np.arange(cells.stop) > np.arange(cells.start, cells.stop)[:, None]  # (S, stop)
            scores[:, :, later] = -np.inf
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))  # (B, A, S, stop)
        attended = weights @ values / weights.sum(axis=-1, keepdims=True)  # (B, A, S, C/A)
        return self._linear(f"{name}.mix", attended.swapaxes(1, 2).reshape(batch, length, channels))  # (B, S, C)

    def _linear(self, name: str, x: Floats) -> Floats:
        y: Floats = x @ self._tensors[f"{name}.weight"].T + self._tensors[f"{name}.bias"]
        return y

    def _norm(self, name: str, x: Floats) -> Floats:
        """Layer normalization (Ba et al. 2016, arXiv:1607.06450)."""
        centered = x - x.mean(axis=-1, keepdims=True)
        variance = np.square(centered).mean(axis=-1, keepdims=True)
        normal: Floats = centered / np.sqrt(variance + np.float32(EPSILON))
        return normal * self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"]


def gelu(x: Floats) -> Floats:
    """The approximation with tanh of Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2."""
    inner = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)
    y: Floats = np.float32(0.5) * x * (1 + np.tanh(inner))
    return y


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Natural logarithms of the probabilities of the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    logarithms: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logarithms


def log_probabilities(logits: Floats, codes: Indices) -> NDArray[np.float64]:
    """Natural logarithms of the probabilities of codes (B, S) by logits (B, S, K)."""
    chosen: NDArray[np.float64] = np.take_along_axis(log_softmax(logits), codes[..., None], axis=2)[..., 0]
    return chosen
