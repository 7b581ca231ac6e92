"""The REST interface of trainings in the page."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from ..explain.models import ExplainedModel
from ..lab.folder import Status, TrainingFolder
from ..lab.job import Codebook, Job, make_config
from ..model.playback import Snapshot
from .clients import Clients
from .operations.base import Pixels
from .origin import is_allowed
from .problems import POST_RESPONSES, RESPONSES, ProblemError, busy
from .schemas import Problem
from .settings import Settings
from .trainings import FullError, Hindrance, Trainings

REFUSED: dict[int | str, dict[str, Any]] = {403: {"model": Problem}}
HINDRANCES: dict[Hindrance, str] = {
    "off": "This server does not train models in the page; `serve --training` allows it.",
    "system": "Training in the page needs Linux or macOS.",
    "pytorch": "Training in the page needs PyTorch: pip install 'vqvae-explainer[train]' on the server.",
    "mnist": "Training in the page needs MNIST: start `serve` with --data-dir and the folder that holds MNIST/raw.",
}

Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Of the training.")]


class TrainingOffer(BaseModel):
    """Whether this server trains models, and within what limits."""

    hindrance: Hindrance = Field(
        description="Why it does not: it is switched off, its system is not supported, PyTorch or MNIST is missing; "
        "empty if it does."
    )
    seconds: float = Field(description="Time after which a training is stopped.")
    megabytes: int = Field(description="Memory that a training may allocate.")
    active: int = Field(description="Trainings that wait or train.")
    recorded: dict[Codebook, str] = Field(
        description="For each kind of codebook, a model of this server whose recorded training can be compared."
    )


class DrawingToTrack(BaseModel):
    """The drawing whose reconstruction the snapshots show."""

    model_config = ConfigDict(extra="forbid")

    pixels: Pixels


class TrainingRequest(DrawingToTrack):
    """A small model to train on MNIST."""

    num_embeddings: int = Field(20, ge=2, le=512, description="K, the number of codes.")
    beta: float = Field(0.75, ge=0, le=10, allow_inf_nan=False, description="β, the weight of the commitment loss.")
    codebook: Codebook = Field("ema", description="How codes are learned: moving averages, gradient, or not at all.")


class TrainingProgress(BaseModel):
    """A training, and what it has reported."""

    id: str = Field(description="Names the training in requests.")
    status: Status = Field(description="How far it is.")
    position: int = Field(description="How many others that wait or train come before it.")
    snapshots: list[Snapshot] = Field(
        description="The next snapshots, at most 60 or so; `features` and `reconstructions` are those of the drawing."
    )
    next: int = Field(description="What the next request has to give as `after`.")


def add_trainings(app: FastAPI, models: dict[str, ExplainedModel], trainings: Trainings, settings: Settings) -> None:
    router = APIRouter(prefix="/api/trainings")
    guarded = [Depends(check_origin)]
    recorded: dict[Codebook, str] = {}
    for name, model in models.items():
        if model.playback is not None:
            recorded.setdefault(model.card.config.codebook, name)

    def find(id: str) -> TrainingFolder:
        folder = trainings.find(id)
        if folder is None:
            raise ProblemError(404, "unknown_training", "There is no such training, or it ended some time ago.")
        return folder

    def check_offer() -> None:
        if hindrance := trainings.hindrance():
            raise ProblemError(403, "no_training", HINDRANCES[hindrance])

    @router.get("")
    def get_offer() -> TrainingOffer:
        """Whether this server trains small models, and within what limits."""
        return TrainingOffer(
            hindrance=trainings.hindrance(),
            seconds=settings.training_seconds,
            megabytes=settings.training_megabytes,
            active=len(trainings.active()),
            recorded=recorded,
        )

    @router.post("/prepare", responses=REFUSED, dependencies=guarded)
    async def prepare_training() -> TrainingOffer:
        """Let the process of the next training import what it needs, so that the training starts at once."""
        if not trainings.hindrance():
            await asyncio.to_thread(trainings.prepare)
        return get_offer()

    @router.post("", status_code=201, responses=POST_RESPONSES | REFUSED, dependencies=guarded)
    async def start_training(request: TrainingRequest) -> TrainingProgress:
        """Train a small model on MNIST, as soon as no other training of this server comes before."""
        check_offer()
        job = Job(
            config=make_config(request.num_embeddings, request.beta, request.codebook),
            seconds=settings.training_seconds,
            megabytes=settings.training_megabytes,
        )
        try:
            folder = await asyncio.to_thread(trainings.start, job, request.pixels)
        except FullError:
            raise busy() from None
        return TrainingProgress(id=folder.id, status=folder.status(), position=folder.position(), snapshots=[], next=0)

    @router.get("/{id}", response_model=TrainingProgress, responses=RESPONSES)
    async def get_progress(
        id: Id, after: Annotated[int, Query(ge=0, lt=2**53, description="`next` of the last answer.")] = 0
    ) -> Response:
        """How far a training is. One that nobody asks about for 20 seconds is stopped."""
        folder = find(id)
        folder.touch()
        status = folder.status()  # first: snapshots come before the end
        lines, end = folder.read_snapshots(after)
        head = TrainingProgress(id=id, status=status, position=folder.position(), snapshots=[], next=end)
        body = (
            head.model_dump_json()
            .encode()
            .replace(b'"snapshots":[]', b'"snapshots":[%b]' % lines.strip().replace(b"\n", b","))
        )
        return Response(body, media_type="application/json")

    @router.put("/{id}/drawing", responses=POST_RESPONSES | REFUSED, dependencies=guarded)
    async def draw(id: Id, request: DrawingToTrack) -> Status:
        """Show another drawing in the snapshots from now on."""
        folder = find(id)
        folder.draw(request.pixels)
        return folder.status()

    @router.delete("/{id}", responses=RESPONSES | REFUSED, dependencies=guarded)
    async def stop_training(id: Id) -> Status:
        """Stop a training. Its model is then measured, and can be downloaded for ten minutes."""
        folder = find(id)
        folder.stop()
        return folder.status()

    @router.get("/{id}/weights", response_class=FileResponse, responses=RESPONSES | {409: {"model": Problem}})
    async def get_weights(id: Id) -> FileResponse:
        """The model of a training that has finished: a zip file with its weights and card."""
        folder = find(id)
        if not folder.model.exists():
            raise ProblemError(409, "not_finished", "This training has no model to download: it has not finished.")
        return FileResponse(folder.model, media_type="application/zip", filename=f"{folder.job().config.name}.zip")

    app.include_router(router)


def check_origin(request: Request) -> None:
    """Only this server's own page, allowed origins, and clients that are not browsers start and stop trainings."""
    clients: Clients = request.state.clients
    if not is_allowed(request.headers, clients.allowed_origins):
        raise ProblemError(
            403, "wrong_origin", "Pages of other sites need their origin in VQVAE_EXPLAINER_ALLOWED_ORIGINS."
        )
