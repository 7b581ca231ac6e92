"""Records snapshots of a training run, which the page plays back."""

import math
from base64 import b64encode
from collections.abc import Sequence

import torch
from torch import Tensor

from ..model.grid import at_level
from ..model.playback import LevelUsage, Playback, Snapshot, SnapshotLosses
from ..model.projection import Plane, principal_plane
from ..model.vqvae import VQVAE, Losses
from .callbacks import Callback
from .drawings import authored_digits
from .metrics import perplexity

SNAPSHOTS = 21  # at most; a file with 20 codes on a 7×7 grid stays below 150 KB
SNAPSHOT_DIGITS = (2, 5, 8)  # example digits with curves, corners and crossings
SAMPLE = 256  # training digits for losses and code usage


def snapshot_steps(total: int, number: int = SNAPSHOTS) -> list[int]:
    """The steps of the snapshots: 0, then a geometric series up to `total`."""
    return sorted({0} | {round(total ** (n / (number - 2))) for n in range(number - 1)})


class Recorder(Callback):
    def __init__(self) -> None:
        self._taken: dict[int, dict[str, Tensor]] = {}  # by step; see `_take`

    def begin(self, model: VQVAE, digits: Tensor, steps: int, resumed: bool) -> None:
        config = model.config
        self._model, self._steps = model, steps
        self._snapshot_steps = set(snapshot_steps(steps * config.epochs))
        # Its own generator: a callback must not change the random numbers of training.
        rows = torch.randperm(len(digits), generator=torch.Generator().manual_seed(config.seed))[:SAMPLE]
        self._sample = digits[rows.to(digits.device)].float() / 255
        self._examples = authored_digits()[list(SNAPSHOT_DIGITS)].to(digits.device)
        if not resumed:
            self._taken[0] = self._take()

    def after_step(self, step: int, losses: Losses, rate: float) -> None:  # noqa: ARG002
        if step in self._snapshot_steps:
            self._taken[step] = self._take()

    def _take(self) -> dict[str, Tensor]:
        return take(self._model, self._sample, self._examples)

    def state_dict(self) -> dict[str, Tensor]:
        """All snapshots so far, stacked along a new first axis."""
        names = next(iter(self._taken.values()))
        stacked = {name: torch.stack([taken[name] for taken in self._taken.values()]) for name in names}
        return {"steps": torch.tensor(list(self._taken)), **stacked}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        rest = dict(state)
        steps = rest.pop("steps").tolist()
        self._taken = {step: {name: tensor[n].clone() for name, tensor in rest.items()} for n, step in enumerate(steps)}

    def playback(self) -> Playback:
        """The snapshots of a finished run, projected on the principal plane of its final codebook."""
        config = self._model.config
        plane = principal_plane(self._model.quantizer.embeddings)
        snapshots = [to_snapshot(taken, plane, step, step / self._steps) for step, taken in sorted(self._taken.items())]
        return Playback(
            name=config.name,
            total_steps=self._steps * config.epochs,
            digits=list(SNAPSHOT_DIGITS),
            originals=base64(self._examples),
            snapshots=snapshots,
        )


@torch.no_grad()
def take(model: VQVAE, sample: Tensor, pictures: Tensor) -> dict[str, Tensor]:
    """The tensors of a snapshot, on the CPU.

    Args:
        model: in any mode, which stays.
        sample: (N, 1, 28, 28) with ink in [0, 1], for losses and code usage.
        pictures: (n, 1, 28, 28) bytes to reconstruct.
    """
    was_training = model.training
    model.eval()
    output = model(sample)
    shown = model(pictures.float() / 255)
    counts = {
        at_level("counts", level.id): quantization.indices.flatten().bincount(
            minlength=model.config.num_embeddings
        )  # (K,)
        for level, quantization in zip(model.levels, output.levels, strict=True)
    }
    taken = counts | {
        "losses": torch.stack(output.losses.mean()[:3]),
        "embeddings": model.quantizer.embeddings.detach().clone(),  # (K, D)
        "features": shown.quantization.feature_vectors,  # (n·H·W, D)
        "reconstructions": (shown.reconstruction.clamp(0, 1) * 255).round().to(torch.uint8),  # (n, 1, 28, 28)
    }
    model.train(was_training)
    return {name: tensor.cpu().contiguous() for name, tensor in taken.items()}


def to_snapshot(taken: dict[str, Tensor], plane: Plane, step: int, epoch: float) -> Snapshot:
    """A snapshot from the tensors that `take` returned, projected on a plane."""
    others = [name for name in taken if name.startswith("counts.")]
    reconstruction, codebook, commitment = significant(taken["losses"].tolist(), each=True)
    return Snapshot(
        step=step,
        epoch=round(epoch, 4),
        losses=SnapshotLosses(reconstruction=reconstruction, codebook=codebook, commitment=commitment),
        **usage_of(taken["counts"]).model_dump(),
        positions=pairs(plane.project(taken["embeddings"].double())),
        features=pairs(plane.project(taken["features"].double())),
        reconstructions=base64(taken["reconstructions"]),
        levels={name.removeprefix("counts."): usage_of(taken[name]) for name in others},
    )


def usage_of(counts: Tensor) -> LevelUsage:
    """From how often each code was chosen, (K,)."""
    return LevelUsage(
        perplexity=significant([perplexity(counts)])[0],
        codes_used=int((counts > 0).sum()),
        usage=significant((counts / counts.sum()).tolist()),
    )


def base64(pictures: Tensor) -> str:
    return b64encode(pictures.cpu().contiguous().numpy().tobytes()).decode("ascii")


def significant(numbers: Sequence[float], each: bool = False) -> list[float]:
    """Round to four significant digits, of each number or of the largest (for points in one plot)."""
    if each:
        return [significant([number])[0] for number in numbers]
    largest = max((abs(number) for number in numbers), default=0.0)
    places = 3 - math.floor(math.log10(largest)) if largest > 0 else 0
    return [round(number, places) for number in numbers]


def pairs(points: Tensor) -> list[tuple[float, float]]:
    flat = significant(points.flatten().tolist())
    return list(zip(flat[::2], flat[1::2], strict=True))
