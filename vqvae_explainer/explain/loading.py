"""Finds the models that the server offers."""

import logging
from pathlib import Path
from typing import NamedTuple

from ..errors import UserError, needing_train_extra
from ..model.playback import read_playback
from ..model.presets import DEFAULT
from ..model.weights_file import WeightsFile
from .bundle import Bundle, BundledModel, BundleError, read_bundle
from .models import ExplainedModel
from .prior_loading import open_prior

NOT_MODELS = (".checkpoint", ".prior")  # endings of the stems of other .safetensors files

logger = logging.getLogger(__name__)


class Files(NamedTuple):
    """The files of a model."""

    weights: WeightsFile
    playback: bytes | None
    bundle: Bundle | None


def load_models(path: Path) -> dict[str, ExplainedModel]:
    """Load a weights file, or all weights of a folder. The first model is the default.

    A model whose bundle fits is opened when it is first used. The others are run by PyTorch, which is only imported for
    them. A model of a folder that cannot be used is left out with an error in the log.

    Raises:
        UserError: there are no weights that can be used, or two models have one name.
    """
    found: dict[str, Files] = {}
    refused: list[UserError] = []
    reasons: dict[str, list[str]] = {}  # why models are not run from their bundles → their names
    for weights_path in weights_paths(path):
        try:
            weights = WeightsFile(weights_path)
            playback = read_playback(weights_path, weights.card)
        except UserError as error:
            refused.append(error)
            continue
        if weights.name in found:
            other = found[weights.name].weights.path
            raise UserError(
                f"{other} and {weights_path} are both named {weights.name}. Move one of them to another folder."
            )
        bundle = None
        try:
            bundle = read_bundle(weights)
        except BundleError as reason:
            reasons.setdefault(str(reason), []).append(weights.name)
        found[weights.name] = Files(weights, playback, bundle)
    if reasons:
        causes = "; ".join(f"{reason} ({', '.join(names)})" for reason, names in reasons.items())
        logger.info("PyTorch is needed: %s", causes)
    models: dict[str, ExplainedModel] = {}
    for name, files in found.items():
        try:
            models[name] = to_model(files)
        except UserError as error:
            refused.append(error)
    if not models:
        raise refused[0]
    for problem in refused:
        logger.error("A model is not served: %s", problem)
    return models


def weights_paths(path: Path) -> list[Path]:
    """The weights files that a path names, the default preset's first.

    Raises:
        UserError: a folder holds none.
    """
    if not path.is_dir():
        return [path]
    paths = [p for p in path.glob("*.safetensors") if Path(p.stem).suffix not in NOT_MODELS]
    if not paths:
        raise UserError(f"There are no weights in {path}. Expected .safetensors files written by `train`.")
    return sorted(paths, key=lambda p: (p.stem != DEFAULT, p.stem))  # by stem: shorter names first


def to_model(files: Files) -> ExplainedModel:
    weights, playback, bundle = files
    prior = open_prior(weights.path)
    if bundle is not None:
        return BundledModel(weights, bundle, playback, prior)
    with needing_train_extra(f"The model {weights.name}, without a bundle that fits,"):
        from .live import load_live  # not above: models with bundles need no PyTorch
    return load_live(weights, playback, prior)
