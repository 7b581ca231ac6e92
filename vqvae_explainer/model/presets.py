"""The named configurations of `train --preset`. Those with a reference follow its text.

A comment marks what the text leaves open.
"""

from typing import Any

from .config import Config

DEFAULT = "residual-20"

# Trained in Keras: weight decay and initializer bound are Keras' defaults; no schedule, no re-initialization.
EXPLAINER: dict[str, Any] = {
    "reference": "VQ-VAE Explainer (Bertucci and Chau 2024)",
    "architecture": "strided",
    "hidden_channels": 64,
    "codebook_init": "uniform",
    "codebook_noise": 0.05,
    "dead_code_threshold": 0,
    "learning_rate": 1e-3,
    "weight_decay": 0.004,
    "schedule": "constant",
}

# The squared error of pictures in [−1, 1] is four times that of pictures in [0, 1].
MINIMAL: dict[str, Any] = {
    "reference": "Minimal VQ-VAE in PyTorch (article)",
    "architecture": "minimal",
    "output": "tanh",
    "reconstruction_weight": 4,
    "embedding_dim": 256,
    "hidden_channels": 64,
    "beta": 0.25,
    "codebook": "gradient",
    "codebook_init": "uniform",
    "dead_code_threshold": 0,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "batch_size": 64,
    "epochs": 5,
}


def minimal(size: int, claim: str = "", **changes: Any) -> Config:
    """The minimal article's model with `size` codes, initialized uniformly in ±1/size."""
    return Config.model_validate(
        {
            "name": f"minimal-{size}",
            "title": f"Minimal, {size} codes",
            "description": (
                "Encoder and decoder of the article “Minimal VQ-VAE in PyTorch”, "
                f"with {size} codes of 256 numbers that start as noise."
            ),
            "claim": claim,
            "num_embeddings": size,
            "codebook_noise": 1 / size,
        }
        | MINIMAL
        | changes
    )


# The paper's pictures have 256×256 pixels; the text leaves all settings at the size of MNIST open.
HIERARCHY: dict[str, Any] = {
    "reference": "Generating Diverse High-Fidelity Images with VQ-VAE-2 (Razavi et al. 2019)",
    "architecture": "hierarchical",
    "residual_blocks": 1,
    "reconstruction_weight": 10,
    "beta": 0.25,
    "learning_rate": 2e-3,
}

PRESETS: dict[str, Config] = {
    preset.name: preset
    for preset in (
        Config(
            name="residual-20",
            title="Residual, 20 codes",
            description=(
                "The VQ-VAE paper's residual encoder and decoder at the explainer paper's size: "
                "20 codes of 16 numbers on a 7×7 grid, learned by exponential moving averages."
            ),
            reference="Neural Discrete Representation Learning (van den Oord et al. 2017)",
            precision="bfloat16",
            epochs=100,
        ),
        Config(
            name="explainer",
            title="Explainer paper",
            description=(
                "The model of this page's predecessor, as its paper describes it: strided convolutions, 20 codes of "
                "16 numbers, initialized as small noise and trained with the gradient of the codebook loss."
            ),
            codebook="gradient",
            **EXPLAINER,
        ),
        Config(
            name="explainer-frozen",
            title="Explainer, codebook frozen",
            description=(
                "The same model with a codebook that is never trained, like the weights published with the paper: "
                "the encoder has to adapt to random codes."
            ),
            claim="The published codes cannot be told from their initial noise: they were never trained.",
            codebook="frozen",
            **EXPLAINER,
        ),
        minimal(20, "Only 12 of 20 codes were used, and every picture collapsed to black.", seed=1),  # median of five
        minimal(30),
        minimal(40, "All 40 codes were used."),
        minimal(512, "About 54% of 512 codes were used."),
        minimal(
            512,
            name="minimal-512-revived",
            title="Minimal, 512 codes, revived",
            description=(
                "The model of minimal-512 with two changes: the codes start as outputs of the encoder, not as noise, "
                "and codes that are hardly ever chosen are replaced by outputs of the encoder during training."
            ),
            codebook_init="samples",
            dead_code_threshold=0.02,
        ),
        Config(
            name="keras-64",
            title="Keras example, 64 codes",
            description=(
                "The model of a glossary article's Keras example: strided convolutions, 64 codes of 16 numbers, "
                "and a linear output."
            ),
            # The text gives β in its layer, Adam with Keras' defaults, and 30 epochs with batches of 128.
            **EXPLAINER
            | {"reference": "VQ-VAE glossary (article, Keras)", "output": "linear", "beta": 0.25, "optimizer": "adam"},
            num_embeddings=64,
            codebook="gradient",
        ),
        Config(
            name="hierarchy-20",
            title="Hierarchy, two grids",
            description=(
                "VQ-VAE-2: a 4×4 grid holds the digit's shape, a 7×7 grid above which it lies adds the detail. "
                "A quarter of the digits are trained without the detail."
            ),
            bottom_dropout=0.25,
            **HIERARCHY,
        ),
        Config(
            name="hierarchy-paper",
            title="Hierarchy, the paper’s grids",
            description=(
                "VQ-VAE-2 with the paper's proportions: a 7×7 grid over a 14×14 grid. "
                "The large grid needs no help, so hardly anything is left to the small one."
            ),
            bottom_size=14,
            **HIERARCHY | {"epochs": 4},
        ),
        Config(
            name="mlp-512",
            title="MLP, one code a digit",
            description="A small fully connected network that encodes a whole digit as one of 512 codes.",
            reference="Vector Quantized Variational AutoEncoders (article, JAX)",
            architecture="mlp",
            output="linear",
            num_embeddings=512,
            embedding_dim=64,
            hidden_channels=128,
            beta=0.25,
            codebook="gradient",
            codebook_init="normal",
            codebook_noise=1,
            seed=2,  # the median error of five seeds: docs/models.md
            dead_code_threshold=0,
            # The text shows the forward pass and the loss, but no training settings.
            optimizer="adam",
            learning_rate=1e-3,
            schedule="constant",
        ),
    )
}
