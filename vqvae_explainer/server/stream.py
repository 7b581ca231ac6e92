"""The stream: one WebSocket for each page; the newest request wins.

A connection has one place in each lane of the batcher, one slot there for each type of message, and at most one answer
of each lane being sent. A request that arrives while an earlier one of its type waits replaces it: drawings may be
skipped, but the last one never is. A client that sends more than it reads, or reads nothing, delays only itself.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any, NamedTuple

import orjson
from fastapi import FastAPI
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..explain.models import ExplainedModel
from .batcher import Batcher
from .clients import Clients
from .lane import Task
from .logs import CONNECTIONS
from .messages import BadMessageError, parse
from .origin import is_allowed

MAX_BAD = 1000  # consecutive bad messages; a page sends none
GOING_AWAY, POLICY_VIOLATION, TRY_AGAIN_LATER = 1001, 1008, 1013  # RFC 6455, section 7.4, and the IANA registry

logger = logging.getLogger(__name__)
connections = logging.getLogger(CONNECTIONS)


def add_stream(app: FastAPI, models: dict[str, ExplainedModel], batcher: Batcher) -> None:

    @app.websocket("/ws")
    async def stream(websocket: WebSocket) -> None:
        await Connection(websocket, batcher, models).serve()


class Pending(NamedTuple):
    """A request in its slot."""

    task: Task
    arrived: float  # seconds


class Place:
    """A client's entry in one lane of the batcher: a slot for each type of message, with the newest request."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.client = object()  # identifies it to the lane, which may keep it longer than the connection lives
        self._slots: dict[str, Pending] = {}  # the longest-waiting type first
        self._started: Pending | None = None  # runs, or is being answered

    @property
    def is_busy(self) -> bool:
        return self._started is not None or bool(self._slots)

    def put(self, pending: Pending) -> bool:
        """Put a request into its slot; True if it replaced an older one."""
        name = pending.task.operation.name
        replaces = name in self._slots
        self._slots[name] = pending
        return replaces

    def next_task(self) -> Task | None:
        """The newest request of the type that has waited longest; None after the client has gone."""
        return None if self._connection.closed or not self._slots else next(iter(self._slots.values())).task

    def start(self) -> None:
        self._started = self._slots.pop(next(iter(self._slots)))

    def set_result(self, result: Any) -> None:
        assert self._started is not None
        self._connection.answer(self, self._started, result)

    def set_exception(self, error: Exception) -> None:
        self.set_result(error)

    def finish(self) -> bool:
        """Note that the started request is answered; True if others wait."""
        self._started = None
        return bool(self._slots)

    def cancel(self) -> None:
        """Drop everything that waits."""
        self._slots.clear()


class Connection:
    """One client of the stream."""

    def __init__(self, websocket: WebSocket, batcher: Batcher, models: dict[str, ExplainedModel]) -> None:
        self._websocket = websocket
        self._batcher = batcher
        self._models = models
        self._clients: Clients = websocket.state.clients
        self._metrics = self._clients.metrics
        self._short, self._long = Place(self), Place(self)
        self._sending: set[asyncio.Task[None]] = set()
        self._sent = asyncio.Event()  # cleared while an answer waits for the client to read
        self._sent.set()
        self._draining = False
        self.closed = False
        self._bad = 0  # consecutive bad messages
        self._answered = self._skipped = 0
        self._errors: Counter[str] = Counter()

    async def serve(self) -> None:
        """Answer until the client disconnects."""
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
            pass  # the client disconnected during a send
        finally:
            self.closed = True
            for sending in self._sending:
                sending.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)
            if admitted:
                self._clients.release(self)
                self._log(time.perf_counter() - start, code)

    def drain(self) -> None:
        """Answer what waits, then close."""
        self._draining = True
        if not self._is_busy:
            self._start(self._close(GOING_AWAY))

    @property
    def _is_busy(self) -> bool:
        return self._short.is_busy or self._long.is_busy

    def _start(self, sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sending)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def answer(self, place: Place, pending: Pending, result: Any) -> None:
        """Send the result of a request, or an error in its place."""
        if self.closed:
            place.finish()
        else:
            self._start(self._answer(place, pending, result))

    async def _receive(self) -> int:
        """Read messages until the client disconnects.

        Returns:
            The close code.
        """
        while True:
            await self._sent.wait()  # a client that does not read is not read either
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                code: int = event["code"]
                return code
            if self._draining or self.closed:
                continue  # the page asks the next server
            try:
                task = parse(event.get("text"), self._models)
            except BadMessageError as error:
                await self._send(self._count_error(error))
                self._bad += 1
                if self._bad == MAX_BAD:
                    await self._close(POLICY_VIOLATION)
                may_flood = True
            else:
                self._bad = 0
                may_flood = self._put(task)
            if may_flood:
                await asyncio.sleep(0)  # let other clients run between two messages

    def _put(self, task: Task) -> bool:
        """Put a request into its slot; True if it replaced an older one."""
        place = self._long if task.is_long else self._short
        was_busy = place.is_busy
        replaces = place.put(Pending(task, time.perf_counter()))
        if replaces:
            self._skipped += 1
            self._metrics.skipped.inc()
        if not was_busy:
            self._batcher.add(place, task.is_long)
        return replaces

    async def _answer(self, place: Place, pending: Pending, result: Any) -> None:
        """Send a result, or an error in its place; then queue the next request."""
        operation, model, message = pending.task[:3]
        try:
            if isinstance(result, Exception):
                raise result
            answer = {"type": operation.name, "seq": message.seq, "model": model}
            answer |= result
        except Exception:  # a bug of the server: log it, and go on with the next request
            logger.exception("a request could not be answered")
            answer = self._count_error(
                BadMessageError(message.seq, "internal", "The server failed on this request; see its log.")
            )
        else:
            seconds = time.perf_counter() - pending.arrived
            answer["server_ms"] = round(1000 * seconds, 3)
            self._answered += 1
            self._metrics.answered(operation.name, seconds)
        try:
            await self._send(answer)
        except WebSocketDisconnect:
            return  # `_receive` gets the disconnect too
        if place.finish():
            self._batcher.add(place, pending.task.is_long)
        elif self._draining and not self._is_busy:
            await self._close(GOING_AWAY)

    def _count_error(self, error: BadMessageError) -> dict[str, Any]:
        """Count an error; returns its answer."""
        code = error.answer["code"]
        self._errors[code] += 1
        self._metrics.errors.labels(code).inc()
        return error.answer

    async def _send(self, answer: dict[str, Any]) -> None:
        """Send an answer; waits while the client does not read."""
        if self.closed:
            return
        self._sent.clear()
        try:
            await self._websocket.send_text(orjson.dumps(answer).decode())
        finally:
            self._sent.set()

    async def _close(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            await self._websocket.close(code)

    def _log(self, seconds: float, code: int | None) -> None:
        client = self._websocket.client
        fields = {
            "client": client and f"{client.host}:{client.port}",
            "seconds": round(seconds, 3),
            "frames": self._answered,
            "skipped": self._skipped,
            "errors": dict(self._errors),
            "code": code,
        }
        connections.info("connection closed", extra={"fields": fields})
