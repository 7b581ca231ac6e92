"""The REST interface."""

import asyncio
import gzip
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError

from ..explain.detail import CodeUsage
from ..explain.models import ExplainedModel
from ..explain.trace import PIXELS
from ..model.grid import MAIN
from ..model.playback import Playback
from ..model.prior_card import PriorCard
from .assets import accepts_gzip
from .batcher import Batcher, BusyError
from .lane import Task
from .operations import OPERATIONS, TRACE
from .operations.base import MismatchError, NoPriorError, Operation
from .operations.trace import TraceRequest
from .problems import POST_RESPONSES, RESPONSES, ProblemError, busy
from .schemas import Health, ModelDetail, ModelList

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
    computing = asyncio.Lock()

    @router.get("/api/models")
    async def list_models() -> ModelList:
        """The models that can be chosen, with their metrics."""
        return ModelList(default=next(iter(models)), models=[explained.summary for explained in models.values()])

    @router.get("/api/models/{name}", response_model=ModelDetail, responses=RESPONSES)
    async def get_model(name: str = Path(max_length=64)) -> Response:
        """A model's configuration, codebook and stage shapes."""
        explained = find(models, name)
        async with computing:  # one at a time, in a thread: without a bundle it takes a second
            body = await asyncio.to_thread(detail, explained)
        return Response(body, media_type="application/json")

    @router.get("/api/models/{name}/playback", response_model=Playback, responses=RESPONSES)
    async def get_playback(name: str = Path(max_length=64)) -> Response:
        """Snapshots of a model's training."""
        playback = find(models, name).playback
        if playback is None:
            raise ProblemError(404, "no_playback", f"The training of {name!r} was not recorded.")
        return Response(playback, media_type="application/json")

    @router.get("/api/models/{name}/usage", responses=RESPONSES)
    async def get_usage(name: str = Path(max_length=64)) -> CodeUsage:
        """How many test digits have each code in each cell."""
        return CodeUsage.of(find(models, name).card.figures)

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


def detail(explained: ExplainedModel) -> bytes:
    """JSON of everything about a model that does not depend on a drawing."""
    fields, codebooks = explained.detail, explained.backend.codebooks
    for level, of in fields.get("levels", {}).items():
        of["embeddings"] = codebooks[level]
    return to_json(fields | {"embeddings": codebooks[MAIN]}, compresses=False)
