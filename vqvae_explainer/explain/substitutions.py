"""What-ifs: what the model skips in a variant of the forward pass or of the backward pass, and what runs instead.

`trace` and `gradients` call these functions, and the listings show their statements where they take the place of the
model's: what is shown is what ran.
"""

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from ..model.quantizer import VectorQuantizer
from .detail import WhatIf
from .variants import decode_features, reshape_back, reshape_only


def decode_codes(quantized_vectors: Tensor, features: Tensor) -> Tensor:
    quantized = quantized_vectors.reshape(features.shape)  # (B, H, W, D)
    return quantized


class Substitution(NamedTuple):
    what_if: WhatIf
    function: Callable[..., Any]  # of the model
    matches: Callable[[ast.stmt], bool]  # whether it is that statement of the function
    skips: bool  # whether the statement is skipped; if not, both run
    instead: Callable[..., Any]  # its statements run after the place of that statement


def assigns(name: str) -> Callable[[ast.stmt], bool]:
    return lambda statement: (
        isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)
    )


def calls(name: str) -> Callable[[ast.stmt], bool]:
    return lambda statement: any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(statement)
    )


FORWARD = VectorQuantizer.forward
SUBSTITUTIONS = (
    Substitution("wrong-reshape", FORWARD, assigns("features"), True, reshape_only),
    Substitution("wrong-reshape", FORWARD, calls("straight_through"), False, reshape_back),
    Substitution("bypass", FORWARD, calls("straight_through"), True, decode_features),
    Substitution("no-straight-through", FORWARD, calls("straight_through"), True, decode_codes),
)
