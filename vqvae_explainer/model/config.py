"""The one configuration of a model: what it is, how it is trained; saved beside its weights."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

IMAGE_SIZE = 28  # MNIST pictures are 28×28


class Config(BaseModel):
    """Everything that decides what a trained model computes.

    Raises:
        pydantic.ValidationError: a value is out of its bounds, or a field is unknown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="Name of the files in weights/.")
    title: str = Field(max_length=80, description="Name shown to people.")
    description: str = Field(max_length=400, description="One or two sentences on what it shows.")
    reference: str = Field("", max_length=200, description="The text that describes such a model.")
    claim: str = Field("", max_length=200, description="What that text says came out, if it says so.")

    architecture: Literal["residual", "strided", "minimal", "mlp"] = Field(
        "residual", description="Encoder and decoder: the files of model/architectures/."
    )
    output: Literal["sigmoid", "tanh", "linear"] = Field(
        "sigmoid", description='How the decoder ends; "tanh" is for models that work on pictures in [−1, 1].'
    )
    num_embeddings: int = Field(20, ge=2, le=4096, description="K, the number of codes.")
    embedding_dim: int = Field(16, ge=1, le=512, description="D, numbers in each code.")
    hidden_channels: int = Field(64, ge=2, le=1024, description="Channels inside encoder and decoder.")
    residual_channels: int = Field(32, ge=1, le=1024, description="Channels inside a residual block, if there are any.")
    residual_blocks: int = Field(2, ge=0, le=16, description="In each network, if the architecture has any.")

    reconstruction_weight: float = Field(
        1, gt=0, le=100, description="Of the reconstruction loss; 4 makes it that of pictures in [−1, 1]."
    )
    beta: float = Field(0.75, ge=0, le=100, description="β, the weight of the commitment loss.")
    codebook: Literal["ema", "gradient", "frozen"] = Field(
        "ema",
        description="How codes learn: exponential moving averages, the gradient of the codebook loss, or not at all.",
    )
    codebook_init: Literal["kmeans", "samples", "uniform", "normal"] = Field(
        "kmeans", description="Where codes start: k-means or samples of encoder outputs, or noise around zero."
    )
    codebook_noise: float = Field(
        0.05, gt=0, le=10, description="Largest value of uniform noise, standard deviation of normal noise."
    )
    ema_decay: float = Field(0.99, ge=0, lt=1, description="γ of the moving averages (and of the usage estimate).")
    ema_epsilon: float = Field(1e-5, gt=0, description="ε of the Laplace smoothing of cluster sizes.")
    revive_below: float = Field(
        0.02,
        ge=0,
        lt=1,
        description="A code used less than this share of an even use is dead and is revived; 0: never.",
    )

    optimizer: Literal["adamw", "adam"] = Field("adamw", description="What moves the weights.")
    learning_rate: float = Field(3e-3, gt=0, le=1, description="Peak learning rate.")
    weight_decay: float = Field(0.01, ge=0, le=1, description="AdamW's decoupled weight decay; Adam has none.")
    schedule: Literal["one-cycle", "constant"] = Field("one-cycle", description="Learning rate over the run.")
    batch_size: int = Field(128, ge=1, le=60_000, description="Digits a step, of each process.")
    epochs: int = Field(30, ge=1, le=10_000, description="Passes over the training digits.")
    seed: int = Field(0, ge=0, lt=2**32, description="Seeds weights, codebook and the order of digits.")
