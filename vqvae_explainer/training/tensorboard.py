"""A log of the training for TensorBoard. Importing this module imports TensorBoard."""

from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..errors import UserError
from ..model.card import Epoch
from ..model.vqvae import VQVAE, Losses
from .callbacks import Callback
from .drawings import authored_digits

INTERVAL = 10  # steps between two points of a curve: reading numbers back from an accelerator makes it wait


class TensorBoardCallback(Callback):
    """Writes losses and learning rate by step; use of codes and our own digits' reconstructions by epoch.

    Raises:
        UserError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._step = 0
        self._writer: SummaryWriter | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"Cannot write {folder}: {error.strerror}.") from error

    def begin(self, model: VQVAE, digits: Tensor, steps: int, resumed: bool) -> None:  # noqa: ARG002
        """Open the log of this model."""
        self._model = model
        self._digits = authored_digits().to(digits.device).float() / 255
        if not resumed:
            self._open(None)
            self.writer.add_images("originals", self._digits, 0)

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on after the last step that was kept; what was written of later ones is taken back."""
        self._step = int(state["step"]) if "step" in state else 0
        self._open(self._step + 1)

    def _open(self, purge_step: int | None) -> None:
        folder = self._folder / self._model.config.name
        self._writer = SummaryWriter(str(folder), purge_step=purge_step)

    @property
    def writer(self) -> "SummaryWriter":
        """The open log.

        Raises:
            RuntimeError: training has not begun.
        """
        if self._writer is None:
            raise RuntimeError("the log is opened when training begins")
        return self._writer

    def after_step(self, step: int, losses: Losses, rate: float) -> None:
        """Every tenth step's losses and learning rate."""
        self._step = step
        if step % INTERVAL:
            return
        for name, loss in zip(losses._fields, losses, strict=True):
            self.writer.add_scalar(f"loss/{name}", loss.item(), step)
        self.writer.add_scalar("learning rate", rate, step)

    def after_epoch(self, figures: Epoch, counts: Tensor) -> None:
        """The epoch's figures, how often each code was chosen, and what becomes of our digits."""
        step = self._step
        for name in ("perplexity", "codes_used", "revived_codes", "images_per_second"):
            self.writer.add_scalar(f"epoch/{name}", getattr(figures, name), step)
        self._add_usage(counts.cpu().double(), step)
        with torch.no_grad():
            reconstructions = self._model(self._digits).reconstruction.clamp(0, 1)
        self.writer.add_images("reconstructions", reconstructions, step)
        self.writer.flush()

    def _add_usage(self, counts: Tensor, step: int) -> None:
        codes = torch.arange(len(counts), dtype=torch.float64)
        self.writer.add_histogram_raw(
            "usage of codes",
            min=0,
            max=len(counts) - 1,
            num=counts.sum().item(),
            sum=(codes * counts).sum().item(),
            sum_squares=(codes.square() * counts).sum().item(),
            bucket_limits=(codes + 0.5).tolist(),  # a bar for each code
            bucket_counts=counts.tolist(),
            global_step=step,
        )

    def end(self) -> None:
        """Write what is left, and close."""
        if self._writer is not None:
            self._writer.close()

    def state(self) -> dict[str, Tensor]:
        """The last step."""
        return {"step": torch.tensor(self._step)}
