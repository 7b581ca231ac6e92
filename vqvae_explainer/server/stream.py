"""The stream: one WebSocket a page, the newest drawing wins.

Each connection has one slot for the drawing that comes next. A drawing that arrives while an earlier one is at work
takes the slot, from whatever waited there; so frames may be skipped, but the last one never is.
"""

import asyncio
import time
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..explain.models import ExplainedModel
from ..explain.packing import pack
from .batcher import Batcher
from .schemas import TraceMessage

MAX_MESSAGE = 65_536  # characters; a drawing takes about 1,200


class Connection:
    """One client of the stream."""

    def __init__(self, websocket: WebSocket, batcher: Batcher, models: dict[str, ExplainedModel]) -> None:
        self._websocket = websocket
        self._batcher = batcher
        self._models = models
        self._newest: TraceMessage | None = None
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
        """Read messages; keep the newest drawing, answer bad ones at once."""
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            message = self._parse(event)
            if isinstance(message, TraceMessage):
                self._newest = message
                self._arrived.set()
            else:
                await self._send(message)

    def _parse(self, event: Message) -> TraceMessage | dict[str, Any]:
        """A received event → a message, or the error frame that answers it."""
        text = event.get("text")
        if text is None:
            return error_frame(None, "not_text", "Messages are JSON text; this one is binary.")
        if len(text) > MAX_MESSAGE:
            return error_frame(
                None, "too_large", f"A message has at most {MAX_MESSAGE} characters; this has {len(text)}."
            )
        try:
            content = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return error_frame(None, "not_json", f"Messages are JSON; this one is not: {error}.")
        if not isinstance(content, dict):
            return error_frame(None, "not_an_object", "Messages are JSON objects with a type.")
        seq = content.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool):
            seq = None
        if content.get("type") != "trace":
            return error_frame(seq, "unknown_type", 'The only type of message is "trace".')
        try:
            message = TraceMessage.model_validate(content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return error_frame(seq, "invalid", f"{where}: {first['msg'].removeprefix('Value error, ')}.")
        if message.model is not None and message.model not in self._models:
            known = ", ".join(self._models)
            return error_frame(seq, "unknown_model", f"There is no model {message.model!r}; there are: {known}.")
        return message

    async def _answer(self) -> None:
        """Trace the newest drawing, again and again."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            message, self._newest = self._newest, None
            if message is None:
                continue
            start = time.perf_counter()
            name = message.model or next(iter(self._models))
            result = await self._batcher.trace(name, message.pixels)
            frame: dict[str, Any] = {
                "type": "trace",
                "seq": message.seq,
                "model": name,
                "indices": result.indices.tolist(),
                "losses": result.losses,
            }
            for stage in message.stages:
                frame[stage] = pack(getattr(result, stage))
            frame["server_ms"] = round((time.perf_counter() - start) * 1000, 3)
            try:
                await self._send(frame)
            except WebSocketDisconnect:
                return  # the client went while its drawing was at work; _receive hears of it too

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._websocket.send_text(orjson.dumps(frame).decode())


def error_frame(seq: int | None, code: str, message: str) -> dict[str, Any]:
    """The answer to a message that cannot be used."""
    return {"type": "error", "seq": seq, "code": code, "message": message}
