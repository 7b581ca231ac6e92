"""What a training for the page is to do; needs no PyTorch."""

from typing import Any, Literal

from pydantic import BaseModel

from ..model.config import Config

Codebook = Literal["ema", "gradient", "frozen"]

# A digit can be read after some 300 steps, of 11 ms each on one core.
SMALL: dict[str, Any] = {
    "architecture": "strided",
    "hidden_channels": 16,
    "learning_rate": 3e-3,
    "schedule": "constant",
    "batch_size": 64,
    "epochs": 10,
}

# Learned and frozen codes start as in the presets `explainer` and `explainer-frozen`.
STARTS: dict[Codebook, dict[str, Any]] = {
    "ema": {"codebook_init": "samples", "ema_decay": 0.95},  # the features of a new encoder move fast
    "gradient": {"codebook_init": "uniform", "dead_code_threshold": 0},
    "frozen": {"codebook_init": "uniform", "dead_code_threshold": 0},
}


class Job(BaseModel):
    """A model to train, and within what limits."""

    config: Config
    seconds: float  # of training
    megabytes: int  # of memory


def make_config(num_embeddings: int, beta: float, codebook: Codebook) -> Config:
    """The small model with a codebook as the visitor chose it."""
    return Config.model_validate(
        {
            "name": f"mine-{num_embeddings}-{codebook}",
            "title": f"Trained in the page, {num_embeddings} codes",
            "description": "A small model with strided convolutions that was trained in the page for a few minutes.",
            "num_embeddings": num_embeddings,
            "beta": beta,
            "codebook": codebook,
        }
        | SMALL
        | STARTS[codebook]
    )
