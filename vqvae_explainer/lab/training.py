"""Trains the model of a job with the loop of `train`, and reports snapshots."""

import math
import time
from zipfile import ZIP_DEFLATED, ZipFile

import torch
from torch import Tensor

from ..data_dir import CHECKSUMS, default_data_dir
from ..errors import UserError
from ..model.card import Epoch, ModelCard
from ..model.config import IMAGE_SIZE
from ..model.projection import Plane, principal_plane
from ..model.vqvae import VQVAE, Losses
from ..model.weights import save_weights
from ..training.callbacks import Callback
from ..training.data import load_mnist
from ..training.loop import train
from ..training.memory import keep_freed_memory
from ..training.metrics import evaluate
from ..training.playback import SAMPLE, take, to_snapshot
from ..training.versions import versions
from .folder import GRACE_SECONDS, Reason, TrainingFolder
from .job import Job

QUICK = (15.0, 0.25)  # in the first seconds, when most is learned: seconds between two snapshots
SLOW = 0.5  # seconds between two snapshots afterwards


class EndedError(Exception):
    """The training ends before its last epoch."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Reporter(Callback):
    """Writes snapshots of the model and the visitor's drawing, and ends the training when it has to."""

    def __init__(self, folder: TrainingFolder, job: Job) -> None:
        self._folder, self._job = folder, job
        self.history: list[Epoch] = []
        self.step = 0

    def begin(self, model: VQVAE, digits: Tensor, steps: int, resumed: bool) -> None:  # noqa: ARG002
        self.model, self._steps = model, steps
        rows = torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))[:SAMPLE]
        self._sample = digits[rows].float() / 255
        self._plane = principal_plane(model.quantizer.embeddings)
        self._start = time.monotonic()
        self._folder.set_status("training")
        self._report()

    def after_step(self, step: int, losses: Losses, rate: float) -> None:  # noqa: ARG002
        self.step = step
        now = time.monotonic()
        if now < self._next:
            return
        if not math.isfinite(losses.total.item()):
            raise EndedError("diverged")
        self._report()
        if self._folder.is_stopped():
            raise EndedError("stopped")
        if self._folder.unattended() > GRACE_SECONDS:
            raise EndedError("unattended")
        if now - self._start > self._job.seconds:
            raise EndedError("time_limit")

    def after_epoch(self, epoch: Epoch, counts: Tensor) -> None:  # noqa: ARG002
        self.history.append(epoch)

    def _report(self) -> None:
        now = time.monotonic()
        self._next = now + (QUICK[1] if now - self._start < QUICK[0] else SLOW)
        drawing = torch.frombuffer(bytearray(self._folder.drawing()), dtype=torch.uint8)
        taken = take(self.model, self._sample, drawing.reshape(1, 1, IMAGE_SIZE, IMAGE_SIZE))
        self._plane = turned(principal_plane(taken["embeddings"]), self._plane)
        snapshot = to_snapshot(taken, self._plane, self.step, self.step / self._steps)
        self._folder.add_snapshot(snapshot.model_dump_json())


def turned(plane: Plane, before: Plane) -> Plane:
    """The same plane with its axes turned as near to those before as can be, so that the map of codes does not spin.

    The rotation is the solution of the orthogonal Procrustes problem (Schönemann 1966).
    """
    left, _, right = torch.linalg.svd(before.axes @ plane.axes.T)
    return plane._replace(axes=left @ right @ plane.axes)


def train_in(folder: TrainingFolder) -> None:
    """Do the job of a folder: train, measure, and pack the model.

    Raises:
        MemoryError, RuntimeError: there is too little memory.
    """
    job = folder.job()
    limit_memory(job.megabytes)
    torch.set_num_threads(1)
    keep_freed_memory()
    try:
        digits, test_digits = (load_mnist(default_data_dir(), train=train) for train in (True, False))
    except UserError as error:
        folder.set_status("failed", "data")
        raise SystemExit(str(error)) from error
    reporter = Reporter(folder, job)
    reason: Reason = "epochs"
    checkpoint = folder.path / "checkpoint.safetensors"
    try:
        train(
            job.config,
            digits,
            torch.device("cpu"),
            checkpoint,
            report=lambda _: None,
            callbacks=[reporter],
            shows_bar=False,
        )
    except EndedError as ended:
        reason = ended.reason
    checkpoint.unlink(missing_ok=True)
    if reason in ("unattended", "diverged"):
        folder.set_status("failed", reason)
        return
    folder.set_status("measuring")
    pack(reporter, job, test_digits, folder)
    folder.set_status("finished", reason)


def pack(reporter: Reporter, job: Job, test_digits: Tensor, folder: TrainingFolder) -> None:
    """Evaluate the model, and write a zip file with its weights and card."""
    card = ModelCard(
        config=job.config,
        command=f"Trained in the page for {reporter.step:,} steps.",
        versions=versions(),
        device="cpu",
        data_md5=CHECKSUMS,
        figures=evaluate(reporter.model, test_digits),
        history=reporter.history,
    )
    weights = save_weights(reporter.model, card, folder.path / "model")
    temporary = folder.model.with_suffix(".tmp")
    with ZipFile(temporary, "w", ZIP_DEFLATED) as archive:
        for path in (weights, weights.with_suffix(".json")):
            archive.write(path, path.name)
    temporary.replace(folder.model)


def limit_memory(megabytes: int) -> None:
    """Let allocations beyond a limit fail in this process (Linux)."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
