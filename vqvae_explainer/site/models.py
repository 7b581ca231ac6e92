"""The models of an exported page, from their weights and bundles."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ..errors import UserError
from ..explain.bundle import BundledModel, BundleError, read_bundle
from ..explain.detail import CodeUsage
from ..explain.loading import weights_paths
from ..explain.prior_loading import open_prior
from ..model.playback import read_playback
from ..model.prior_weights import prior_path, to_bytes
from ..model.weights_file import WeightsFile
from .kernel import check_kernel

LATER = (
    ".usage.json",
    ".playback.json",
    ".prior.json",
    ".prior.safetensors.gz",
)  # files that are loaded when they are first needed


@dataclass(frozen=True)
class SiteModel:
    name: str
    summary: dict[str, Any]  # its entry in the list of models
    files: dict[str, bytes]  # by name

    @property
    def first_files(self) -> list[str]:
        """Names of the files without which nothing is shown."""
        return [name for name in self.files if not name.endswith(LATER)]


def site_models(paths: Sequence[Path]) -> list[SiteModel]:
    """The models of weights files, and of folders of them; the first is the default.

    Raises:
        UserError: a model has no bundle that fits or an architecture that the kernel lacks, or two have one name.
    """
    models: dict[str, SiteModel] = {}
    for path in paths:
        for file in weights_paths(path):
            model = site_model(WeightsFile(file))
            if model.name in models:
                raise UserError(f"Two of the weights files are named {model.name}: leave one of them out.")
            models[model.name] = model
    return list(models.values())


def site_model(weights: WeightsFile) -> SiteModel:
    name = weights.name
    check_kernel(weights.card.config)
    playback = read_playback(weights.path, weights.card)
    prior = open_prior(weights.path)
    try:
        model = BundledModel(weights, read_bundle(weights), playback, prior)
    except BundleError as reason:
        raise UserError(
            f"The model {name} cannot be exported, because {reason}: "
            f"run `vqvae-explainer export --weights {weights.path}`."
        ) from reason
    files = {
        f"{name}.detail.json": orjson.dumps({"detail": model.detail, "check": model.check}),
        # Compressed here: static hosts send files of this type as they are.
        f"{name}.safetensors.gz": gzip.compress(weights.content, mtime=0),
        f"{name}.usage.json": CodeUsage.of(weights.card.figures).model_dump_json().encode(),
    }
    if playback is not None:
        files[f"{name}.playback.json"] = playback
    if prior is not None:
        files[f"{name}.prior.json"] = to_bytes(prior.card)
        files[f"{name}.prior.safetensors.gz"] = gzip.compress(prior_path(weights.path).read_bytes(), mtime=0)
    return SiteModel(name, model.summary.model_dump(mode="json"), files)
