"""The stream: one WebSocket a page, the newest request wins.

A connection has one slot for each type of message. A request that arrives while an earlier one is at work takes the
slot, from whatever waited there; so drawings may be skipped, but the last one never is.
"""

import asyncio
import logging

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..explain.models import ExplainedModel
from .batcher import Batcher
from .frames import BadMessageError, Frame, StreamRequest, answer, parse

logger = logging.getLogger(__name__)


class Connection:
    """One client of the stream."""

    def __init__(self, websocket: WebSocket, batcher: Batcher, models: dict[str, ExplainedModel]) -> None:
        self._websocket = websocket
        self._batcher = batcher
        self._models = models
        self._newest: dict[str, StreamRequest] = {}  # by type, the longest-waiting type first
        self._arrived = asyncio.Event()

    async def serve(self) -> None:
        """Answer until the client goes."""
        await self._websocket.accept()
        answering = asyncio.create_task(self._answer())
        try:
            await self._receive()
        except WebSocketDisconnect:
            pass  # the client went while an error was being sent to it
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _receive(self) -> None:
        """Read messages; keep the newest of each type, answer bad ones at once."""
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            try:
                message = parse(event.get("text"), self._models)
            except BadMessageError as problem:
                await self._send(problem.frame)
            else:
                self._newest[message.type] = message
                self._arrived.set()

    async def _answer(self) -> None:
        """Answer the newest request of each type, one at a time."""
        while True:
            await self._arrived.wait()
            if not self._newest:
                self._arrived.clear()
                continue
            message = self._newest.pop(next(iter(self._newest)))
            try:
                frame = await answer(message, self._batcher, self._models)
            except BadMessageError as problem:
                frame = problem.frame
            except Exception:  # a fault of ours: told, logged, and the next request has its chance
                logger.exception("a request could not be answered")
                frame = BadMessageError(
                    message.seq, "internal", "The server failed on this request; its log says why."
                ).frame
            try:
                await self._send(frame)
            except WebSocketDisconnect:
                return  # the client went while its request was at work; _receive hears of it too

    async def _send(self, frame: Frame) -> None:
        await self._websocket.send_text(orjson.dumps(frame).decode())
