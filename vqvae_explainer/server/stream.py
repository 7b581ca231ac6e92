"""The stream: one WebSocket a page, the newest request wins.

A connection has one slot for each type of message, one place in the batcher's queue, and one answer on its way. A
request that arrives while an earlier one of its type waits takes its slot; so drawings may be skipped, but the last one
never is. Whoever sends more than it reads, or reads nothing at all, holds up only itself.
"""

import asyncio
import logging
import time
from collections import Counter
from typing import Any, NamedTuple

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..explain.models import ExplainedModel
from .batcher import Batcher, Task
from .clients import Clients
from .frames import BadMessageError, Frame, StreamRequest, parse, to_frame, to_task
from .logs import CONNECTIONS
from .origin import is_allowed

MAX_BAD = 1000  # bad messages in a row; a page sends none
GOING_AWAY, POLICY_VIOLATION, TRY_AGAIN_LATER = 1001, 1008, 1013  # RFC 6455, section 7.4, and its registry

logger = logging.getLogger(__name__)
connections = logging.getLogger(CONNECTIONS)


class Request(NamedTuple):
    """A message that waits for its turn."""

    message: StreamRequest
    task: Task
    arrived: float  # seconds


class Connection:
    """One client of the stream."""

    def __init__(self, websocket: WebSocket, batcher: Batcher, models: dict[str, ExplainedModel]) -> None:
        self._websocket = websocket
        self._batcher = batcher
        self._models = models
        self._clients: Clients = websocket.state.clients
        self._metrics = self._clients.metrics
        self._newest: dict[str, Request] = {}  # by type, the longest-waiting type first
        self._busy = False  # in the queue, or answering
        self._answering: asyncio.Task[None] | None = None
        self.unanswered_since = time.perf_counter()
        self.overtakes = False
        self._leaving = False
        self._closed = False
        self._bad = 0  # in a row
        self._frames = self._skipped = 0
        self._errors: Counter[str] = Counter()

    async def serve(self) -> None:
        """Answer until the client goes."""
        if not is_allowed(self._websocket.headers, self._clients.allowed_origins):
            self._metrics.refused.labels("origin").inc()
            await self._websocket.close()  # before it is accepted: 403
            return
        code = None
        start = time.perf_counter()
        admitted = self._clients.admit(self)
        try:
            await self._websocket.accept()
            if admitted:
                code = await self._receive()
            else:
                self._metrics.refused.labels("limit").inc()
                await self._close(TRY_AGAIN_LATER)
        except WebSocketDisconnect:
            pass  # the client went while something was being sent to it
        finally:
            self._closed = True
            if self._answering is not None:
                self._answering.cancel()
                await asyncio.gather(self._answering, return_exceptions=True)
            if admitted:
                self._clients.release(self)
                self._log(time.perf_counter() - start, code)

    def leave(self) -> None:
        """Answer what was asked, then close."""
        self._leaving = True
        if not self._busy:
            self._answering = asyncio.create_task(self._close(GOING_AWAY))

    @property
    def arrived(self) -> float:
        """When what is wanted next arrived."""
        return next(iter(self._newest.values())).arrived

    def wanted(self) -> Task | None:
        """What the batcher shall do next for this client."""
        return None if self._closed else next(iter(self._newest.values())).task

    def give(self, result: Any) -> None:
        """Answer what was wanted."""
        self._answering = asyncio.create_task(self._answer(self._next(), result))

    def fail(self, error: Exception) -> None:
        """Tell that what was wanted could not be done."""
        self._answering = asyncio.create_task(self._answer(self._next(), error))

    def cancel(self) -> None:
        """Nothing more is done."""
        self._newest.clear()

    def _next(self) -> Request:
        self.unanswered_since = time.perf_counter()
        self.overtakes = False
        return self._newest.pop(next(iter(self._newest)))

    async def _receive(self) -> int:
        """Read messages until the client goes; keep the newest of each type, answer bad ones at once.

        Returns:
            The code of its closing.
        """
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                code: int = event["code"]
                return code
            if self._leaving or self._closed:
                continue  # the page asks the next server
            try:
                message = parse(event.get("text"), self._models)
                request = Request(message, to_task(message, self._models), time.perf_counter())
            except BadMessageError as problem:
                await self._send(self._refuse(problem))
                self._bad += 1
                if self._bad == MAX_BAD:
                    await self._close(POLICY_VIOLATION)
            else:
                self._bad = 0
                self._offer(request)
            if self._bad or self.overtakes:  # this may be a flood
                await asyncio.sleep(0)  # one message at a time: others have their turns, too

    def _offer(self, request: Request) -> None:
        """Put a request into its slot."""
        if request.message.type in self._newest:
            self.overtakes = True
            self._skipped += 1
            self._metrics.skipped.inc()
        self._newest[request.message.type] = request
        if not self._busy:
            self._busy = True
            self._batcher.add(self)

    async def _answer(self, request: Request, result: Any) -> None:
        """Send what was made of a request, or that nothing was; then ask for the next turn."""
        message = request.message
        try:
            if isinstance(result, Exception):
                raise result
            frame = to_frame(message, request.task.model, result)
        except Exception:  # a fault of ours: told, logged, and the next request has its chance
            logger.exception("a request could not be answered")
            frame = self._refuse(
                BadMessageError(message.seq, "internal", "The server failed on this request; its log says why.")
            )
        else:
            seconds = time.perf_counter() - request.arrived
            frame["server_ms"] = round(1000 * seconds, 3)
            self._frames += 1
            self._metrics.answered(message.type, seconds)
        try:
            await self._send(frame)
        except WebSocketDisconnect:
            return  # the client went while its request was at work; _receive hears of it too
        if self._newest:
            self._batcher.add(self)
            return
        self._busy = False
        if self._leaving:
            await self._close(GOING_AWAY)

    def _refuse(self, problem: BadMessageError) -> Frame:
        """Count a problem; the frame that tells it."""
        code = problem.frame["code"]
        self._errors[code] += 1
        self._metrics.errors.labels(code).inc()
        return problem.frame

    async def _send(self, frame: Frame) -> None:
        """Send a frame; waits while the client does not read."""
        if not self._closed:
            await self._websocket.send_text(orjson.dumps(frame).decode())

    async def _close(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            await self._websocket.close(code)

    def _log(self, seconds: float, code: int | None) -> None:
        """One line a connection."""
        client = self._websocket.client
        fields = {
            "client": client and f"{client.host}:{client.port}",
            "seconds": round(seconds, 3),
            "frames": self._frames,
            "skipped": self._skipped,
            "errors": dict(self._errors),
            "code": code,
        }
        connections.info("connection closed", extra={"fields": fields})
