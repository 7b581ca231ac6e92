"""The card beside a model's weights: configuration, provenance, measured figures, history."""

from pydantic import BaseModel, ConfigDict, Field

from .config import Config


class Summary(BaseModel):
    """What `evaluate` measures on the 10,000 test digits, in single numbers."""

    test_mse: float = Field(description="Mean squared error of a pixel, ink in [0, 1].")
    codes_used: int = Field(description="Codes that at least one cell of one digit chose.")
    perplexity: float = Field(description="exp of the entropy of code use: how many codes are in effective use.")
    bits_per_image: float = Field(description="H·W·log2 K, the size of a digit's indices.")
    compression_ratio: float = Field(description="Bits of the 28×28 8-bit picture over bits_per_image.")
    quantization_error: float = Field(
        description="Mean squared distance of feature vectors to their codes over the variance of feature vectors."
    )
    margin: float = Field(
        description="Mean over cells of nearest over second nearest squared distance: 0 snaps, 1 does not."
    )
    locality: float = Field(
        description="Share of the squared change of the picture that stays within one cell of an inner cell whose code "
        "is changed (12×12 px on a 7×7 grid)."
    )
    parameters: int = Field(description="Numbers in the model, the codebook included.")
    auroc: float = Field(
        description="How well the error of a picture tells non-digit drawings from test digits: the probability that "
        "a non-digit's is the larger; 0.5 is chance."
    )


class Metrics(Summary):
    """All that `evaluate` measures on the 10,000 test digits."""

    code_usage: list[float] = Field(description="Share of all cells that chose each code.")
    code_usage_inked: list[float] = Field(
        description="Share, among cells whose own patch of the picture holds any ink, that chose each code."
    )
    error_percentiles: list[float] = Field(
        description="Percentiles 0 to 100 of the mean squared error of single test digits."
    )


class Epoch(BaseModel):
    """One line of training history; losses are means over the epoch's steps."""

    epoch: int = Field(description="Counted from 1.")
    reconstruction: float
    codebook: float
    commitment: float
    perplexity: float
    codes_used: int
    revived_codes: int
    images_per_second: float


class ModelCard(BaseModel):
    """`<name>.json`: everything worth knowing about `<name>.safetensors`."""

    model_config = ConfigDict(extra="forbid")

    config: Config
    command: str = Field(description="The command that trained the model.")
    versions: dict[str, str] = Field(description="Of Python and the libraries that trained it.")
    device: str = Field(description="What it was trained on.")
    data_md5: dict[str, str] = Field(description="MD5 of each data file.")
    figures: Metrics
    history: list[Epoch]
