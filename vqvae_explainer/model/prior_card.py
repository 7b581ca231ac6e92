"""The card beside a prior's weights: configuration, provenance, metrics, training history."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .card import hash_of
from .prior_config import PriorConfig


class PriorMetrics(BaseModel):
    """Metrics of `evaluate --prior` on the codes of the 10,000 test digits; bits are of the codes of one digit."""

    bits_given_class: float = Field(description="Mean −log2 p(codes | class), with the digit's own class.")
    bits: float = Field(description="Mean −log2 p(codes), where p is the mean over the ten classes.")
    bits_unigram: float = Field(description="The same if each code had its mean frequency in the training digits.")
    bits_position: float = Field(
        description="The same if each code had its frequency in its cell in the training digits of the digit's class."
    )
    bits_uniform: float = Field(description="The same if all codes were equally probable: H·W·log2 K.")
    class_accuracy: float = Field(description="Fraction of digits whose own class gives their codes the fewest bits.")
    classifier_accuracy: float = Field(description="Accuracy of the classifier that judges samples, on test digits.")
    agreement: float = Field(description="Fraction of 2,000 samples that the classifier takes for the class asked.")
    agreement_cool: float = Field(description="The same for samples at temperature 0.8.")
    frechet: float = Field(
        description="Fréchet distance of 2,000 samples to the first 2,000 test digits, in the classifier's features."
    )
    frechet_digits: float = Field(description="The same distance for the last 2,000 test digits.")
    frechet_reconstructions: float = Field(description="The same for the VQ-VAE's reconstructions of those.")
    frechet_uniform: float = Field(description="The same for pictures of 2,000 grids of codes chosen uniformly.")
    auroc_bits: float = Field(
        description="Out-of-distribution detection by bits: the probability that a random drawing that is not a digit "
        "has more bits than a random test digit; 0.5 is chance."
    )
    auroc_excess: float = Field(description="The same by excess bits: bits minus unigram bits.")
    score: Literal["excess"] = Field(
        "excess",
        description="The score that the page shows; chosen in a trial with another prior, before this was measured.",
    )
    parameters: int = Field(description="Number of parameters.")
    bits_percentiles: list[float] = Field(description="Percentiles 0 to 100 of the bits of the test digits.")
    excess_percentiles: list[float] = Field(description="Percentiles 0 to 100 of the excess bits of the test digits.")


class PriorEpoch(BaseModel):
    """Training history of one epoch."""

    epoch: int = Field(description="Counted from 1.")
    bits: float = Field(description="Mean bits of the codes of a training digit, over the steps of the epoch.")
    digits_per_second: float = Field(description="Speed of the training.")


class PriorCard(BaseModel):
    """`<model>.prior.json`: what `<model>.prior.safetensors` is and how it was trained."""

    model_config = ConfigDict(extra="forbid")

    config: PriorConfig = Field(description="The configuration of the prior and its training.")
    command: str = Field(description="The command that trained the prior.")
    versions: dict[str, str] = Field(description="Versions of Python and of the libraries used for training.")
    device: str = Field(description="Device used for training.")
    data_md5: dict[str, str] = Field(description="MD5 of each data file.")
    code_usage: list[float] = Field(
        description="(L·K,): the fraction of a level's cells of training digits with each code; coarse levels first."
    )
    position_usage: list[list[list[float]]] = Field(
        description="(10, T, K): fraction of the training digits of each class with each code in each cell: those of "
        "coarse levels first, then cell i·W + j of the main one."
    )
    metrics: PriorMetrics = Field(description="Metrics on the codes of the 10,000 test digits.")
    history: list[PriorEpoch] = Field(description="One entry per epoch.")
    sha256: str = Field("", description="SHA-256 of the prior's weights.")

    def accepts(self, weights: bytes) -> bool:
        """Whether the weights were written together with this card."""
        return self.sha256 == hash_of(weights)
