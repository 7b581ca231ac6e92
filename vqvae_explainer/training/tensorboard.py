"""TensorBoard log of a training run. Importing this module imports TensorBoard."""

from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..errors import UserError
from ..model.card import Epoch
from ..model.vqvae import VQVAE, Losses
from .callbacks import Callback
from .drawings import authored_digits

INTERVAL = 10  # steps between two points of a curve: reading numbers back from a GPU makes it wait


class TensorBoardCallback(Callback):
    """Logs losses and learning rate per step; code usage and reconstructions of the example digits per epoch.

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
        self._model = model
        self._digits = authored_digits().to(digits.device).float() / 255
        if not resumed:
            self._open(None)
            self.writer.add_images("originals", self._digits, 0)

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue after the last saved step; TensorBoard discards what was logged of later ones."""
        self._step = int(state["step"]) if "step" in state else 0
        self._open(self._step + 1)

    def _open(self, purge_step: int | None) -> None:
        folder = self._folder / self._model.config.name
        self._writer = SummaryWriter(str(folder), purge_step=purge_step)

    @property
    def writer(self) -> "SummaryWriter":
        if self._writer is None:
            raise RuntimeError("call `begin` first: it opens the log")
        return self._writer

    def after_step(self, step: int, losses: Losses, rate: float) -> None:
        self._step = step
        if step % INTERVAL:
            return
        for name, loss in zip(losses._fields, losses, strict=True):
            self.writer.add_scalar(f"loss/{name}", loss.item(), step)
        self.writer.add_scalar("learning rate", rate, step)

    def after_epoch(self, epoch: Epoch, counts: Tensor) -> None:
        step = self._step
        for name in ("perplexity", "codes_used", "revived_codes", "images_per_second"):
            self.writer.add_scalar(f"epoch/{name}", getattr(epoch, name), step)
        self._add_usage(counts.cpu().double(), step)
        with torch.no_grad():
            reconstructions = self._model(self._digits).reconstruction.clamp(0, 1)
        self.writer.add_images("reconstructions", reconstructions, step)
        self.writer.flush()

    def _add_usage(self, counts: Tensor, step: int) -> None:
        codes = torch.arange(len(counts), dtype=torch.float64)
        self.writer.add_histogram_raw(
            "code usage",
            min=0,
            max=len(counts) - 1,
            num=counts.sum().item(),
            sum=(codes * counts).sum().item(),
            sum_squares=(codes.square() * counts).sum().item(),
            bucket_limits=(codes + 0.5).tolist(),  # one bar per code
            bucket_counts=counts.tolist(),
            global_step=step,
        )

    def end(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def state_dict(self) -> dict[str, Tensor]:
        return {"step": torch.tensor(self._step)}
