"""A model from its bundle, which `train` and `export` write beside the weights: it runs without PyTorch.

The bundle is the ONNX export and `<name>.detail.json`: everything about the model that does not depend on a drawing,
and the SHA-256 of the weights and of the sources that it was made from.
"""

from base64 import b64encode
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, Field
from safetensors.numpy import load

from ..files import replace_together
from ..model.card import ModelCard, hash_of
from ..model.weights_file import WeightsFile
from .backend import Backend, Floats, Gradients
from .detail import Check, Detail
from .models import ExplainedModel
from .numpy_gradients import DECODERS, numpy_gradients
from .onnx_backend import OnnxBackend, read_export
from .packing import pack
from .prior_loading import LoadedPrior
from .trace import trace

SUFFIX = "detail.json"
PACKAGE = Path(__file__).parent.parent
SOURCES = (  # patterns of the files whose code the details show, or which computes them
    "explain/codes.py",
    "explain/listing.py",
    "explain/receptive_fields.py",
    "explain/substitutions.py",
    "explain/variants.py",
    "model/architectures/*.py",
    "model/hierarchical.py",
    "model/projection.py",
    "model/quantizer.py",
    "model/vqvae.py",
)


class DetailFile(BaseModel):
    """`<name>.detail.json`."""

    weights: str = Field(description="SHA-256 of the weights.")
    sources: dict[str, str] = Field(description="SHA-256 of each source, by its path in the package.")
    detail: Detail
    check: Check = Field(description="By which the page sees that its own kernel computes the same.")

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return (self.model_dump_json() + "\n").encode()


def check_of(backend: Backend, drawing: bytes) -> Check:
    """What a model computes for a drawing of 784 bytes."""
    [found] = trace(backend, [drawing])
    return Check(
        pixels=b64encode(drawing).decode("ascii"),
        indices=found.indices.tolist(),
        commitment=found.losses["commitment"],
        reconstruction=pack(found.reconstruction),
        indices_top=found.levels["top"].indices.tolist() if "top" in found.levels else None,
    )


class BundleError(Exception):
    """Why a bundle cannot be used."""


class Bundle(NamedTuple):
    """A model's files, read but not opened."""

    detail: bytes
    parts: dict[str, bytes]  # ONNX


@cache  # the modules that are imported later must be those that were compared
def source_hashes() -> dict[str, str]:
    """SHA-256 of each source, by its path in the package; line endings do not matter."""
    paths = sorted(path for pattern in SOURCES for path in PACKAGE.glob(pattern))
    return {path.relative_to(PACKAGE).as_posix(): hash_of(path.read_text(encoding="utf-8").encode()) for path in paths}


def read_bundle(weights: WeightsFile) -> Bundle:
    """Read the bundle of a weights file.

    Raises:
        BundleError: there is none, it is damaged, it was made from other weights or sources, or gradients need PyTorch.
    """
    path = weights.beside(SUFFIX)
    if SUFFIX not in weights.card.sha256 or not path.is_file():
        raise BundleError("there is no bundle, which `vqvae-explainer export` makes")
    content = path.read_bytes()
    if not weights.card.accepts(SUFFIX, content):
        raise BundleError("detail.json is not the file that the card names")
    document = orjson.loads(content)
    if document["weights"] != weights.sha256:
        raise BundleError("the bundle was made from other weights")
    if "check" not in document:
        raise BundleError("the bundle was made by an older version")
    now, then = source_hashes(), document["sources"]
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    if changed:
        raise BundleError(f"the bundle was made from another {', '.join(changed)}")
    architecture = weights.card.config.architecture
    if architecture not in DECODERS:
        raise BundleError(f"numpy_gradients has no decoder of architecture {architecture}")
    return Bundle(content, read_parts(weights))


def read_parts(weights: WeightsFile) -> dict[str, bytes]:
    try:
        return read_export(weights.path, weights.card)
    except (OSError, ValueError) as error:
        raise BundleError(f"the ONNX export cannot be used: {error}") from error


def update_card(card: ModelCard, weights: Path) -> None:
    """Replace the card of a weights file, and the metrics in its bundle.

    Raises:
        UserError: a file cannot be written.
    """
    files = {}
    path = weights.with_suffix(f".{SUFFIX}")
    if SUFFIX in card.sha256 and path.is_file() and card.accepts(SUFFIX, content := path.read_bytes()):
        document = DetailFile.model_validate_json(content)
        document.detail.metrics = card.figures.without_cells()
        files[SUFFIX] = document.to_bytes()
        card = card.model_copy(update={"sha256": card.sha256 | {SUFFIX: hash_of(files[SUFFIX])}})
    files["json"] = card.to_bytes()
    replace_together(
        weights.parent, weights.stem, {f"{weights.stem}.{suffix}": content for suffix, content in files.items()}
    )


def codebook_name(level: str) -> str:
    """The name of a level's codebook in the weights file."""
    return f"{level}_quantizer.embeddings" if level else "quantizer.embeddings"


class BundledModel(ExplainedModel):
    """Opened when it is first used."""

    def __init__(self, weights: WeightsFile, bundle: Bundle, playback: bytes | None, prior: LoadedPrior | None) -> None:
        super().__init__(weights.card, playback, prior)
        self._content = weights.content
        self._detail, self._parts = bundle
        self._tensors: dict[str, Floats] = {}
        self._backend: Backend | None = None
        self._opening = Lock()

    @property
    def backend(self) -> Backend:
        with self._opening:  # drawings and gradients may ask at the same time
            if self._backend is None:
                tensors = load(self._content)
                codebooks = {id: tensors[codebook_name(id)] for id in self.grids}
                self._backend = OnnxBackend(self._parts, codebooks)
                # The backward pass ends at the features: it needs the weights of the decoder only.
                self._tensors = {name: tensor for name, tensor in tensors.items() if name.startswith("decoder.")}
                self._content, self._parts = b"", {}  # copied
            return self._backend

    @property
    def detail(self) -> dict[str, Any]:
        # A prior can be trained, or a playback deleted, after the bundle was made.
        metrics = self.prior_metrics
        now = {
            "playback": self.playback is not None,
            "prior": self.prior is not None,
            "prior_metrics": metrics and metrics.model_dump(),
        }
        detail: dict[str, Any] = orjson.loads(self._detail)["detail"]
        return detail | now

    @property
    def check(self) -> dict[str, Any]:
        """The fields of `Check`, as JSON values."""
        check: dict[str, Any] = orjson.loads(self._detail)["check"]
        return check

    def gradients(self, drawings: list[bytes], straight_through: bool = True) -> list[Gradients]:
        backend = self.backend  # sets the tensors
        return numpy_gradients(self.card.config, self._tensors, backend, drawings, straight_through)
