"""A connection as the batcher and the network see it."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from tests.server.test_stream import GOOD
from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.server.clients import Clients
from vqvae_explainer.server.metrics import ServerMetrics
from vqvae_explainer.server.protocol import BACKLOG, READ, StreamProtocol
from vqvae_explainer.server.stream import Connection


class Socket:
    """A WebSocket without a network."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.client = None
        self.state = SimpleNamespace(clients=Clients(1, frozenset(), ServerMetrics()))
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []

    async def accept(self) -> None:
        pass

    async def receive(self) -> dict[str, Any]:
        return await self.received.get()

    async def send_text(self, text: str) -> None:
        self.sent.append(orjson.loads(text))

    async def ask(self, seq: int) -> None:
        """Send a drawing, and let it be put into its place."""
        await self.received.put({"type": "websocket.receive", "text": orjson.dumps(GOOD | {"seq": seq}).decode()})
        await asyncio.sleep(0.01)


class Places(list[Connection]):
    """A batcher that only keeps the queue."""

    add = list.append


def test_what_the_batcher_is_told(tiny: ExplainedModel) -> None:
    async def body() -> None:
        socket, places = Socket(), Places()
        connection: Any = Connection(socket, places, {"tiny": tiny})  # type: ignore[arg-type]
        serving = asyncio.create_task(connection.serve())
        await asyncio.sleep(0)
        opened = connection.unanswered_since
        await socket.ask(1)
        first = connection.arrived
        assert first > opened == connection.unanswered_since
        assert not connection.overtakes
        await socket.ask(2)
        assert connection.arrived > first
        assert connection.overtakes
        assert connection.unanswered_since == opened
        assert places == [connection]
        connection.give(tiny.blank)
        assert not connection.overtakes
        assert connection.unanswered_since > first
        await asyncio.sleep(0.01)
        assert [frame["seq"] for frame in socket.sent] == [2]
        await socket.received.put({"type": "websocket.disconnect", "code": 1000})
        await serving

    asyncio.run(body())


class Transport:
    """What a protocol does to its transport."""

    def __init__(self) -> None:
        self.paused = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


@pytest.fixture
def after() -> Callable[[list[int]], bool]:
    """Whether reading is paused after messages of these sizes have come, and goes on once they are taken."""

    def receive(sizes: list[int]) -> bool:
        async def body() -> bool:
            protocol = StreamProtocol(Config(lambda: None, ws=StreamProtocol), ServerState(), {})
            protocol.transport = transport = Transport()  # type: ignore[assignment]
            for size in sizes:
                protocol.handle_text(Frame(Opcode.TEXT, b"x" * size))
            paused = transport.paused
            for _ in sizes:
                await protocol.receive()
            assert not transport.paused
            return paused

        return asyncio.run(body())

    return receive


def test_a_few_messages_do_not_pause_reading(after: Callable[[list[int]], bool]) -> None:
    assert not after([1200] * BACKLOG)


@pytest.mark.parametrize("sizes", [[10] * (BACKLOG + 1), [READ + 1], [10, READ + 1]])
def test_what_piles_up_pauses_reading(after: Callable[[list[int]], bool], sizes: list[int]) -> None:
    assert after(sizes)
