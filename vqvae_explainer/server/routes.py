"""The page and the REST interface."""

from fastapi import APIRouter, FastAPI, HTTPException, Path, Request, WebSocket
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from .. import __version__
from ..explain.fields import SHARE
from ..explain.models import ExplainedModel
from ..explain.trace import PIXELS
from ..model.card import Card
from ..resources import resource
from .batcher import Batcher
from .schemas import Fields, Health, Losses, ModelDetail, ModelList, ModelSummary, Problem, TraceRequest, TraceResponse
from .stream import Connection


def summary(card: Card) -> ModelSummary:
    """What the list of models says of one."""
    config = card.config
    return ModelSummary(name=config.name, title=config.title, description=config.description, metrics=card.figures)


def detail(explained: ExplainedModel) -> ModelDetail:
    """Everything about a model that does not depend on a drawing."""
    return ModelDetail(
        **dict(summary(explained.card)),
        config=explained.card.config,
        stages=explained.stages,
        embeddings=explained.model.quantizer.embeddings.tolist(),
        code_order=explained.code_order,
        fields=Fields(share=SHARE, reads=explained.reads, writes=explained.writes),
    )


def add_routes(app: FastAPI, models: dict[str, ExplainedModel], batcher: Batcher, static_url: str) -> None:
    """Add the page, the REST interface and the stream to `app`; files of the page are under `static_url`."""
    router = APIRouter()
    templates = Jinja2Templates(resource("templates"))
    details = {name: detail(explained) for name, explained in models.items()}
    default = next(iter(models))

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        context = {"version": __version__, "asset": lambda path: f"{static_url}/{path}"}
        return templates.TemplateResponse(request, "index.html", context)

    @router.get("/healthz")
    async def healthz() -> Health:
        """Whether the model answers."""
        await batcher.trace(default, bytes(PIXELS))
        return Health(status="ok")

    @router.get("/api/models")
    async def list_models() -> ModelList:
        """The models that can be chosen, with their measured figures."""
        return ModelList(default=default, models=[summary(explained.card) for explained in models.values()])

    @router.get("/api/models/{name}", responses={404: {"model": Problem}})
    async def get_model(name: str = Path(max_length=64)) -> ModelDetail:
        """A model's configuration, codebook and stage shapes."""
        check_name(name)
        return details[name]

    @router.post("/api/trace", responses={404: {"model": Problem}})
    async def trace_drawing(drawing: TraceRequest) -> TraceResponse:
        """Run a drawing through a model and return what every stage computed."""
        name = drawing.model or default
        check_name(name)
        result = await batcher.trace(name, drawing.pixels)
        return TraceResponse(
            model=name,
            features=result.features.tolist(),
            distances=result.distances.tolist(),
            indices=result.indices.tolist(),
            quantized=result.quantized.tolist(),
            reconstruction=result.reconstruction.tolist(),
            losses=Losses(**result.losses),
        )

    @router.websocket("/ws")
    async def stream(websocket: WebSocket) -> None:
        await Connection(websocket, batcher, models).serve()

    def check_name(name: str) -> None:
        if name not in models:
            raise HTTPException(404, f"There is no model {name!r}; there are: {', '.join(models)}.")

    app.include_router(router)
