"""The configuration of a model and of its training, saved beside the weights."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

IMAGE_SIZE = 28  # MNIST pictures are 28×28


class Config(BaseModel):
    """Everything that determines the weights of a trained model.

    Raises:
        pydantic.ValidationError: a value is out of bounds, or a field is unknown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="Name of the files in weights/.")
    title: str = Field(max_length=80, description="Name shown on the page.")
    description: str = Field(max_length=400, description="One or two sentences on what this model shows.")
    reference: str = Field("", max_length=200, description="Publication that describes the model.")
    claim: str = Field("", max_length=200, description="Result reported by the publication, if any.")

    architecture: Literal["residual", "strided", "minimal", "mlp", "hierarchical"] = Field(
        "residual", description="Encoder and decoder: a file in model/architectures/."
    )
    output: Literal["sigmoid", "tanh", "linear"] = Field(
        "sigmoid", description='Last layer of the decoder; "tanh" is for models trained on pictures in [−1, 1].'
    )
    num_embeddings: int = Field(20, ge=2, le=4096, description="K, the number of codes.")
    embedding_dim: int = Field(16, ge=1, le=512, description="D, the length of each code.")
    hidden_channels: int = Field(64, ge=2, le=1024, description="Hidden channels of encoder and decoder.")
    residual_channels: int = Field(32, ge=1, le=1024, description="Channels inside a residual block.")
    residual_blocks: int = Field(2, ge=0, le=16, description="Residual blocks of each network.")

    bottom_size: Literal[7, 14] = Field(7, description="Rows and columns of the bottom grid of a hierarchical model.")
    bottom_dropout: float = Field(
        0, ge=0, lt=1, description="Fraction of digits that a hierarchical model learns to decode from the top alone."
    )

    reconstruction_weight: float = Field(
        1, gt=0, le=100, description="Weight of the reconstruction loss; 4 is equivalent to pictures in [−1, 1]."
    )
    beta: float = Field(0.75, ge=0, le=100, description="β, the weight of the commitment loss.")
    codebook: Literal["ema", "gradient", "frozen"] = Field(
        "ema",
        description="How codes are learned: moving averages, gradient of the codebook loss, or not at all.",
    )
    codebook_init: Literal["kmeans", "samples", "uniform", "normal"] = Field(
        "kmeans", description="Initial codes: k-means or samples of encoder outputs, or noise around zero."
    )
    codebook_noise: float = Field(
        0.05, gt=0, le=10, description="Bound of uniform noise, standard deviation of normal noise."
    )
    ema_decay: float = Field(0.99, ge=0, lt=1, description="γ of the moving averages (and of the usage estimate).")
    ema_epsilon: float = Field(1e-5, gt=0, description="ε of the Laplace smoothing of cluster sizes.")
    dead_code_threshold: float = Field(
        0.02,
        alias="revive_below",
        ge=0,
        lt=1,
        description="A code is dead, and is re-initialized, below this fraction of the mean use; 0: never.",
    )

    optimizer: Literal["adamw", "adam"] = Field("adamw", description="Optimizer of all parameters.")
    learning_rate: float = Field(3e-3, gt=0, le=1, description="Peak learning rate.")
    weight_decay: float = Field(0.01, ge=0, le=1, description="Decoupled weight decay of AdamW; ignored by Adam.")
    schedule: Literal["one-cycle", "constant"] = Field("one-cycle", description="Learning rate schedule.")
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        exclude_if=lambda precision: precision == "float32",
        description="Arithmetic of encoder and decoder in training; the quantizer always uses float32.",
    )
    batch_size: int = Field(128, ge=1, le=60_000, description="Digits in a step, for each process.")
    epochs: int = Field(30, ge=1, le=10_000, description="Passes over the training digits.")
    seed: int = Field(0, ge=0, lt=2**32, description="Seed of weights, codebook and the order of digits.")
