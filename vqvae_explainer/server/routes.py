"""The page and the REST interface."""

import asyncio

from fastapi import APIRouter, FastAPI, HTTPException, Path, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from torch import Tensor

from .. import __version__
from ..explain.models import ExplainedModel
from ..explain.packing import pack
from ..explain.receptive_fields import SHARE
from ..explain.trace import PIXELS
from ..model.playback import Playback
from .batcher import Batcher
from .operations import BACKWARD, DECODE, TRACE, to_grid
from .schemas import (
    BackwardRequest,
    BackwardResponse,
    DecodeRequest,
    DecodeResponse,
    Fields,
    Health,
    Losses,
    LossGradients,
    ModelDetail,
    ModelList,
    ModelSummary,
    Problem,
    Projection,
    TraceRequest,
    TraceResponse,
)
from .stream import Connection
from .texts import template_environment


def summary(explained: ExplainedModel) -> ModelSummary:
    """What the list of models says of one."""
    config = explained.card.config
    return ModelSummary(
        name=config.name,
        title=config.title,
        description=config.description,
        reference=config.reference,
        claim=config.claim,
        grid=explained.grid.shape,
        num_embeddings=config.num_embeddings,
        embedding_dim=config.embedding_dim,
        playback=explained.playback is not None,
        metrics=explained.card.figures,
    )


def detail(explained: ExplainedModel) -> ModelDetail:
    """Everything about a model that does not depend on a drawing."""
    reads, writes = explained.receptive_fields
    return ModelDetail(
        **dict(summary(explained)),
        config=explained.card.config,
        stages=explained.stages,
        convolutional=explained.model.architecture.convolutional,
        embeddings=shortest(explained.model.quantizer.embeddings),
        code_order=explained.code_order,
        projection=Projection(**{name: tensor.tolist() for name, tensor in explained.plane._asdict().items()}),
        fields=Fields(share=SHARE, reads=reads, writes=writes),
        code_pictures=pack(explained.code_pictures),
        listings=explained.listings,
    )


def shortest(matrix: Tensor) -> list[list[float]]:
    """A matrix of single precision as numbers of no more digits than that takes, which halves a large codebook."""
    return [[float(str(number)) for number in row] for row in matrix.numpy()]


def add_routes(app: FastAPI, models: dict[str, ExplainedModel], batcher: Batcher, static_url: str) -> None:
    """Add the page, the REST interface and the stream to `app`; files of the page are under `static_url`."""
    router = APIRouter()
    templates = Jinja2Templates(env=template_environment())
    default = next(iter(models))
    details = {default: detail(models[default])}
    working_out = asyncio.Lock()

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        context = {"version": __version__, "asset": lambda path: f"{static_url}/{path}"}
        return templates.TemplateResponse(request, "index.html", context)

    @router.get("/healthz")
    async def healthz() -> Health:
        """Whether the model answers."""
        await batcher.run(TRACE["normal"], default, bytes(PIXELS))
        return Health(status="ok")

    @router.get("/api/models")
    async def list_models() -> ModelList:
        """The models that can be chosen, with their measured figures."""
        return ModelList(default=default, models=[summary(explained) for explained in models.values()])

    @router.get("/api/models/{name}", responses={404: {"model": Problem}})
    async def get_model(name: str = Path(max_length=64)) -> ModelDetail:
        """A model's configuration, codebook and stage shapes."""
        name = known(name)
        async with working_out:  # once, and beside the stream: it takes a second
            if name not in details:
                details[name] = await asyncio.to_thread(detail, models[name])
        return details[name]

    @router.get("/api/models/{name}/playback", responses={404: {"model": Problem}})
    async def get_playback(name: str = Path(max_length=64)) -> Playback:
        """Snapshots of a model's training."""
        playback = models[known(name)].playback
        if playback is None:
            raise HTTPException(404, f"The training of {name!r} was not recorded.")
        return playback

    @router.post("/api/trace", responses={404: {"model": Problem}})
    async def trace_drawing(request: TraceRequest) -> TraceResponse:
        """Run a drawing through a model and return what every stage computed."""
        name = known(request.model)
        trace = await batcher.run(TRACE[request.variant], name, request.pixels)
        return TraceResponse(
            model=name,
            variant=request.variant,
            features=trace.features.tolist(),
            distances=trace.distances.tolist(),
            indices=trace.indices.tolist(),
            quantized=trace.quantized.tolist(),
            reconstruction=trace.reconstruction.tolist(),
            losses=Losses(**trace.losses),
        )

    @router.post("/api/decode", responses={404: {"model": Problem}})
    async def decode_grid(request: DecodeRequest) -> DecodeResponse:
        """Decode a grid of codes, such as a drawing's with some of them changed."""
        name = known(request.model)
        try:
            grid = to_grid(request.indices, models[name])
        except ValueError as error:
            problem = {"type": "value_error", "loc": ("body", "indices"), "msg": f"{error}."}
            raise RequestValidationError([problem]) from error
        picture = await batcher.run(DECODE, name, grid)
        return DecodeResponse(model=name, reconstruction=picture.tolist())

    @router.post("/api/backward", responses={404: {"model": Problem}})
    async def run_backwards(request: BackwardRequest) -> BackwardResponse:
        """Take the derivatives of a drawing's losses."""
        name = known(request.model)
        found = await batcher.run(BACKWARD[request.straight_through], name, request.pixels)
        return BackwardResponse(
            model=name,
            straight_through=request.straight_through,
            quantized=found.quantized.tolist(),
            features=LossGradients(**{loss: gradient.tolist() for loss, gradient in found.features.items()}),
            embeddings=LossGradients(**{loss: gradient.tolist() for loss, gradient in found.embeddings.items()}),
        )

    @router.websocket("/ws")
    async def stream(websocket: WebSocket) -> None:
        await Connection(websocket, batcher, models).serve()

    def known(name: str | None) -> str:
        """The name of a model that there is, the default for None."""
        if name is not None and name not in models:
            raise HTTPException(404, f"There is no model {name!r}; there are: {', '.join(models)}.")
        return name or default

    app.include_router(router)
