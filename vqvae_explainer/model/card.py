"""The model card beside the weights: configuration, provenance, metrics, training history."""

import hashlib
from collections.abc import Sized
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..errors import UserError
from ..files import replacing
from .config import Config


def is_empty(values: Sized) -> bool:
    """For fields that are only written for models with several levels."""
    return not values


def six_digits(value: float) -> float:
    return float(f"{value:.6g}")


# The page's first visit has a hundred of these: more digits would cost it half a kilobyte.
Percentile = Annotated[float, AfterValidator(six_digits)]


class Summary(BaseModel):
    """Scalar metrics of `evaluate` on the 10,000 test digits."""

    test_mse: float = Field(description="Mean squared error per pixel, ink in [0, 1].")
    codes_used: int = Field(description="Codes chosen by at least one cell of a digit.")
    perplexity: float = Field(description="exp of the entropy of code usage: the effective number of codes.")
    bits_per_image: float = Field(description="H·W·log2 K, the size of the indices of a digit.")
    compression_ratio: float = Field(description="Bits of the 28×28 8-bit picture divided by bits_per_image.")
    quantization_error: float = Field(
        description="Mean squared distance of feature vectors to their codes, divided by their variance."
    )
    margin: float = Field(
        description="Squared distance to the nearest code divided by that to the second nearest, mean over cells: "
        "near 0, features lie on their codes; near 1, they lie between two."
    )
    locality: float = Field(
        description="When the code of an inner cell is changed: fraction of the squared change of the picture that "
        "stays within one cell of it (12×12 px on a 7×7 grid)."
    )
    parameters: int = Field(description="Number of parameters, including the codebook.")
    auroc: float = Field(
        description="Out-of-distribution detection by reconstruction error: the probability that a random drawing that "
        "is not a digit has a larger error than a random test digit; 0.5 is chance."
    )


AS_MAIN = Field(description="As that of the main level.")


class LevelMetrics(BaseModel):
    """Metrics of a level other than the main one."""

    codes_used: int = AS_MAIN
    perplexity: float = AS_MAIN
    quantization_error: float = AS_MAIN
    margin: float = AS_MAIN
    code_usage: list[float] = AS_MAIN
    code_usage_inked: list[float] = AS_MAIN
    code_usage_by_cell: str = Field("", exclude_if=is_empty, description="As that of the main level.")

    def without_cells(self) -> Self:
        return self.model_copy(update={"code_usage_by_cell": ""})


class Hierarchy(BaseModel):
    """What each level of a hierarchical model holds."""

    top_alone_mse: float = Field(description="test_mse of pictures decoded from the top, with a bottom of zeros.")
    bottom_alone_mse: float = Field(description="test_mse of pictures decoded from the bottom, with a top of zeros.")
    top_shuffled_mse: float = Field(description="test_mse of pictures whose top codes are those of another digit.")


class Metrics(Summary):
    """All metrics of `evaluate` on the 10,000 test digits."""

    code_usage: list[float] = Field(description="Fraction of all cells that chose each code.")
    code_usage_inked: list[float] = Field(description="The same among cells whose patch of the picture contains ink.")
    error_percentiles: list[Percentile] = Field(
        description="Percentiles 0 to 100 of the mean squared error per test digit."
    )
    levels: dict[str, LevelMetrics] = Field({}, exclude_if=is_empty, description="Of the other levels, by their id.")
    hierarchy: Hierarchy | None = Field(
        None, exclude_if=lambda value: value is None, description="Of a hierarchical model."
    )
    code_usage_by_cell: str = Field(
        "",
        exclude_if=is_empty,
        description="Base64 of (K, H, W) 16-bit integers, little-endian: the number of digits that have code k in cell "
        "(i, j). Empty on cards of older versions, and in what the page loads first.",
    )

    def without_cells(self) -> Self:
        levels = {id: level.without_cells() for id, level in self.levels.items()}
        return self.model_copy(update={"code_usage_by_cell": "", "levels": levels})


class CodeUse(BaseModel):
    """How the codes of a level were used in an epoch."""

    perplexity: float
    codes_used: int
    revived_codes: int


class Epoch(BaseModel):
    """Training history of one epoch; losses are means over its steps. The use of codes is that of the main level."""

    epoch: int = Field(description="Counted from 1.")
    reconstruction: float
    codebook: float
    commitment: float
    perplexity: float
    codes_used: int
    revived_codes: int
    images_per_second: float
    levels: dict[str, CodeUse] = Field({}, exclude_if=is_empty, description="Of the other levels, by their id.")


class ModelCard(BaseModel):
    """`<name>.json`: what `<name>.safetensors` is and how it was trained."""

    model_config = ConfigDict(extra="forbid")

    config: Config
    command: str = Field(description="The command that trained the model.")
    versions: dict[str, str] = Field(description="Versions of Python and of the libraries used for training.")
    device: str = Field(description="Device used for training.")
    data_md5: dict[str, str] = Field(description="MD5 of each data file.")
    figures: Metrics
    history: list[Epoch]
    sha256: dict[str, str] = Field(
        default={},
        description='SHA-256 of the other files of this training, by suffix: "safetensors", "playback.json", ...; '
        "empty on cards of older versions.",
    )

    def accepts(self, suffix: str, content: bytes) -> bool:
        """Whether `<name>.<suffix>` was written together with this card; a card without hashes accepts everything."""
        return not self.sha256 or self.sha256.get(suffix) == hash_of(content)

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return (self.model_dump_json(indent=1) + "\n").encode()


def load_card(path: Path) -> ModelCard:
    """Load a card.

    Raises:
        UserError: the file is missing or is not a card.
    """
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError(
            f"There is no card {path} beside the weights. Expected the .json file written by `train`."
        ) from error
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise UserError(f"Cannot read the card {path} ({reason}). Copy or train it again.") from error


def save_card(card: ModelCard, weights: Path) -> None:
    """Replace the card of a weights file.

    Raises:
        UserError: the file cannot be written.
    """
    with replacing(weights.with_suffix(".json")) as temporary:
        temporary.write_bytes(card.to_bytes())


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
