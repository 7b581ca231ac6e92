"""Pack a grid of codes with the model's prior and an arithmetic coder, and unpack it again."""

from base64 import b64encode
from typing import Any, Literal, NamedTuple

from pydantic import Field

from ...explain.backend import Indices
from ...explain.compression import Compressed, compress, decompress
from ...explain.models import ExplainedModel
from ...explain.scoring import score
from .base import ModelResponse, Operation, StreamMessage
from .level_codes import join_levels, split_levels
from .score import ScoreRequest, check, prior_of


class CompressMessage(StreamMessage, ScoreRequest):
    """A grid of codes to pack, sent over the stream."""

    type: Literal["compress"]


class CompressResponse(ModelResponse):
    """Packed codes. Neither the prior nor the decoder is counted, both ends need them.

    A hierarchical model has also `codes.top`.
    """

    digit: int = Field(description="The class with the fewest bits; it is packed first.")
    bits: int = Field(description="Number of bits.")
    data: str = Field(description="Base64 of the bits, the first bit of a byte first, filled up with zeros.")
    information: float = Field(description="−log2 p(codes), the class not given: no code is shorter on average.")
    codes: list[list[int]] = Field(description="(H, W): what the bits unpack to, the codes of the request.")


class RoundTrip(NamedTuple):
    compressed: Compressed
    information: float
    codes: dict[str, Indices]  # by the names of their fields, unpacked


def run(explained: ExplainedModel, requests: list[ScoreRequest]) -> list[RoundTrip]:
    prior = prior_of(explained)
    grids = prior.config.grids
    batch = [join_levels(request.levels, grids) for request in requests]
    found = []
    for codes, scored in zip(batch, score(prior, batch), strict=True):
        compressed = compress(prior, codes, scored.class_bits)
        unpacked = split_levels("codes", decompress(prior, compressed.bits), grids)
        found.append(RoundTrip(compressed, float(scored.bits.sum()), unpacked))
    return found


def to_fields(_: ScoreRequest, found: RoundTrip) -> dict[str, Any]:
    bits = found.compressed.bits
    size = -(-len(bits) // 8)  # bytes
    return {
        "digit": found.compressed.digit,
        "bits": len(bits),
        "data": b64encode(int(bits.ljust(8 * size, "0"), 2).to_bytes(size)).decode("ascii"),
        "information": found.information,
        **{name: codes.tolist() for name, codes in found.codes.items()},
    }


def to_response(request: ScoreRequest, model: str, found: RoundTrip) -> dict[str, Any]:
    return {"model": model, **to_fields(request, found)}


COMPRESS = Operation(
    name="compress",
    endpoint="compress_codes",
    description="Pack a grid of codes with the model's prior and an arithmetic coder, and unpack it again.",
    request=ScoreRequest,
    response=CompressResponse,
    message=CompressMessage,
    run=run,
    to_response=to_response,
    to_fields=to_fields,
    check=check,
    is_long=True,  # takes as long as several traces
    max_batch=1,
)
