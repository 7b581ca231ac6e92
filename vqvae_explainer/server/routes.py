"""The REST interface."""

import asyncio
import gzip
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from numpy.typing import NDArray

from ..explain.models import ExplainedModel
from ..explain.packing import pack
from ..explain.receptive_fields import SHARE
from ..explain.trace import PIXELS
from ..model.playback import Playback
from ..model.prior_card import PriorCard
from .assets import accepts_gzip
from .batcher import Batcher, BusyError
from .lane import Task
from .operations import OPERATIONS, TRACE
from .operations.base import MismatchError, NoPriorError, Operation
from .operations.trace import TraceRequest
from .problems import POST_RESPONSES, RESPONSES, ProblemError, busy
from .schemas import Fields, Health, ModelDetail, ModelList, ModelSummary, Projection

Models = dict[str, ExplainedModel]
COMPRESSION = 4  # of 9; higher levels take twice as long and save a few percent


def add_routes(app: FastAPI, models: Models, batcher: Batcher) -> None:
    router = APIRouter()
    add_health(router, models, batcher)
    add_models(router, models)
    for operation in OPERATIONS.values():
        add_operation(router, operation, models, batcher)
    app.include_router(router)


def add_health(router: APIRouter, models: Models, batcher: Batcher) -> None:
    blank = TraceRequest.model_construct(pixels=bytes(PIXELS))

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz")
    async def healthz() -> Health:
        """Whether the model answers."""
        await batcher.run(Task(TRACE, next(iter(models)), blank))
        return Health(status="ok")


def add_models(router: APIRouter, models: Models) -> None:
    """`GET /api/models`, and below it the details of each model."""
    default = next(iter(models))
    details = {default: detail(models[default])}
    computing = asyncio.Lock()

    @router.get("/api/models")
    async def list_models() -> ModelList:
        """The models that can be chosen, with their metrics."""
        return ModelList(default=default, models=[summary(explained) for explained in models.values()])

    @router.get("/api/models/{name}", responses=RESPONSES)
    async def get_model(name: str = Path(max_length=64)) -> ModelDetail:
        """A model's configuration, codebook and stage shapes."""
        explained = find(models, name)
        async with computing:  # once for each model, in a thread: it takes a second
            if name not in details:
                details[name] = await asyncio.to_thread(detail, explained)
        return details[name]

    @router.get("/api/models/{name}/playback", responses=RESPONSES)
    async def get_playback(name: str = Path(max_length=64)) -> Playback:
        """Snapshots of a model's training."""
        playback = find(models, name).playback
        if playback is None:
            raise ProblemError(404, "no_playback", f"The training of {name!r} was not recorded.")
        return playback

    @router.get("/api/models/{name}/prior", responses=RESPONSES)
    async def get_prior(name: str = Path(max_length=64)) -> PriorCard:
        """The card of a model's prior: its configuration, metrics and training history."""
        prior = find(models, name).prior
        if prior is None:
            raise ProblemError(404, "no_prior", str(NoPriorError(name)))
        return prior.card


def add_operation(router: APIRouter, operation: Operation[Any, Any, Any], models: Models, batcher: Batcher) -> None:
    """`POST /api/<name>` for a request type."""

    async def endpoint(request: Any, connection: Request) -> Response:
        name = next(iter(models)) if request.model is None else request.model
        explained = find(models, name)
        try:
            operation.check(request, explained)
        except MismatchError as error:
            problem = {"type": "value_error", "loc": ("body", error.field), "msg": f"{error}."}
            raise RequestValidationError([problem]) from error
        except NoPriorError as error:
            raise ProblemError(404, "no_prior", str(error)) from error
        compresses = accepts_gzip(connection.headers)

        def encode(result: Any) -> bytes:
            return to_json(operation.to_response(request, name, result), compresses)

        client = getattr(connection.state, "client", connection.client)
        try:
            body = await batcher.run(Task(operation, name, request, encode, is_long=True), client)
        except BusyError:
            raise busy() from None
        response = Response(body, headers={"Vary": "Accept-Encoding"}, media_type="application/json")
        if compresses:
            response.headers["Content-Encoding"] = "gzip"
        return response

    endpoint.__annotations__["request"] = operation.request  # FastAPI reads the body's schema from here
    router.add_api_route(
        f"/api/{operation.name}",
        endpoint,
        methods=["POST"],
        name=operation.endpoint,
        description=operation.description,
        response_model=operation.response,
        responses=POST_RESPONSES,
    )


def to_json(fields: dict[str, Any], compresses: bool) -> bytes:
    """JSON, with NumPy arrays as lists, perhaps compressed."""
    body = orjson.dumps(fields, default=np.ascontiguousarray, option=orjson.OPT_SERIALIZE_NUMPY)
    return gzip.compress(body, COMPRESSION, mtime=0) if compresses else body


def find(models: Models, name: str) -> ExplainedModel:
    """The model of that name.

    Raises:
        ProblemError: there is none.
    """
    if name not in models:
        raise ProblemError(404, "unknown_model", f"There is no model {name!r}; there are: {', '.join(models)}.")
    return models[name]


def summary(explained: ExplainedModel) -> ModelSummary:
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
        prior=explained.prior is not None,
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
        embeddings=shortest(explained.backend.embeddings),
        code_order=explained.code_order,
        projection=Projection(**{name: tensor.tolist() for name, tensor in explained.plane._asdict().items()}),
        fields=Fields(share=SHARE, reads=reads, writes=writes),
        code_pictures=pack(explained.code_pictures),
        listings=explained.listings,
    )


def shortest(matrix: NDArray[np.float32]) -> list[list[float]]:
    """A float32 matrix as numbers with the fewest digits that identify them, which halves a large codebook's JSON."""
    return [[float(str(number)) for number in row] for row in matrix]
