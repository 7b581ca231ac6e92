"""The stream: the newest drawing wins, and no client harms another."""

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from vqvae_explainer.explain.live import LiveModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import trace
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.clients import Clients
from vqvae_explainer.server.lane import Lane
from vqvae_explainer.server.metrics import ServerMetrics
from vqvae_explainer.server.settings import Settings
from vqvae_explainer.server.stream import Connection, Place

from .streaming import HANDSHAKE, connected, message, on_the_wire, pixels, serving

MEGABYTE = 1 << 20


@pytest.fixture
def slow(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that takes 50 ms before each batch, as with a bigger model."""
    take = Lane.take

    def slow_take(lane: Lane) -> Any:
        time.sleep(0.05)
        return take(lane)

    monkeypatch.setattr(Lane, "take", slow_take)
    with serving(create_app(Settings(weights=weights_dir))) as url:
        yield url


def settled(url: str, most: int) -> int:
    """The number of tasks once it has fallen to `most`, or after ten seconds."""
    for _ in range(100):
        number = int(httpx.get(f"{url}/tasks", timeout=60).text)
        if number <= most:
            break
        time.sleep(0.1)
    return number


def median_seconds(client: Any, drawing: bytes) -> float:
    """Median time until an answer."""
    taken = []
    for seq in range(15):
        start = time.perf_counter()
        assert client.ask(seq, drawing, stages=[])["seq"] == seq
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2]


def test_newest_drawing_wins_and_the_last_is_answered(slow: str, drawings: list[bytes], other: LiveModel) -> None:
    indices = [traced.indices.tolist() for traced in trace(other.model, drawings)]
    with connected(slow) as client:
        for last in (29, 59):  # a pause in between, as between two strokes
            for seq in range(last - 29, last + 1):
                client.send(seq, drawings[seq % 8], stages=[])
            answered: list[int] = []
            while not answered or answered[-1] != last:
                answer = client.receive()
                answered.append(answer["seq"])
                assert answer["indices"] == indices[answer["seq"] % 8]
            assert answered == sorted(set(answered))
            assert len(answered) < 25


def test_each_type_has_its_own_slot(slow: str, drawings: list[bytes]) -> None:
    with connected(slow) as client:
        for seq in range(0, 30, 3):
            client.send(seq, drawings[0])
            client.connection.send(orjson.dumps({"type": "decode", "seq": seq + 1, "indices": [[3] * 7] * 7}).decode())
            client.send(seq + 2, drawings[1], type="backward")
        last = {"trace": 27, "decode": 28, "backward": 29}
        while last:
            answer = client.receive()
            if last.get(answer["type"]) == answer["seq"]:
                del last[answer["type"]]


def test_clients_with_different_models_get_their_own_answers(
    server: Any, drawings: list[bytes], tiny: LiveModel, other: LiveModel
) -> None:
    def draw(number: int) -> None:
        model = (tiny, other)[number % 2]
        (expected,) = trace(model.model, [drawings[number]])
        with connected(server.url) as client:
            for seq in range(20):
                answer = client.ask(seq, drawings[number], model=model.card.config.name, stages=["reconstruction"])
                assert answer["seq"] == seq
                assert answer["indices"] == expected.indices.tolist()
                np.testing.assert_allclose(unpack(answer["reconstruction"]), expected.reconstruction, atol=1e-4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(draw, range(4)))


def test_bad_message_does_not_replace_a_drawing(stream: Any, drawings: list[bytes]) -> None:
    stream.send(1, drawings[0])
    stream.connection.send("{")
    answers = [stream.receive(), stream.receive()]
    assert {(answer["type"], answer["seq"]) for answer in answers} == {("trace", 1), ("error", None)}


def test_clients_that_disconnect_at_any_moment_leave_nothing(watched: str, drawings: list[bytes]) -> None:
    """1,000 of them in tests/soak."""
    reconnect(watched, drawings[0], 50)


def reconnect(url: str, drawing: bytes, number: int) -> None:
    """Connect and disconnect in the middle of a handshake or a frame."""
    port = int(url.rsplit(":", 1)[1])
    before = settled(url, 12)
    drawn = on_the_wire(message(1, drawing))
    parts = [HANDSHAKE, HANDSHAKE[:60], HANDSHAKE + drawn, HANDSHAKE + drawn * 3 + drawn[:500], HANDSHAKE + drawn[:2]]
    for n in range(number):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(parts[n % len(parts)])
            if n % 2:  # a reset instead of a close
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert settled(url, before) <= before
    assert "vqvae_explainer_clients 0.0" in httpx.get(f"{url}/metrics").text


def test_client_that_stops_reading_is_closed_by_ping(watched: str) -> None:
    before = settled(watched, 12)
    with connected(watched) as gone:
        gone.stop_reading()
        with connected(watched) as alive:
            deadline = time.monotonic() + 20
            while "vqvae_explainer_clients 1.0" not in httpx.get(f"{watched}/metrics").text:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            alive.connection.ping().wait(5)
    assert settled(watched, before) <= before


FLOODS = {
    "drawings": message(1, bytes(784)),
    "bad messages": message(1, b"no"),
    "tiny bad messages": "1",
}


def test_flood_does_not_delay_others(watched: str, drawings: list[bytes]) -> None:
    """2,000 messages whose answers are not read; tests/soak has longer floods of each kind."""
    flood = b"".join(on_the_wire(content) for content in FLOODS.values())
    with connected(watched) as client, connected(watched) as flooder:
        calm = median_seconds(client, drawings[1])
        thread = Thread(target=flooder.connection.socket.sendall, args=[flood * (2000 // len(FLOODS))])
        thread.start()
        flooded = median_seconds(client, drawings[1])
        flooder.connection.socket.shutdown(socket.SHUT_RDWR)
        thread.join(30)
    # The flooder gets its share of the server, and in this test half of the interpreter too.
    assert flooded < 20 * calm + 0.2


def test_client_that_never_reads_delays_only_itself(watched: str, drawings: list[bytes]) -> None:
    """Its answers stop, and then the reading of its messages."""
    wire = on_the_wire(message(1, drawings[0])) * 100
    port = int(watched.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as slow, connected(watched) as client:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(HANDSHAKE)
        assert b" 101 " in slow.recv(1024)
        slow.settimeout(0.5)
        sent = 0
        before = median_seconds(client, drawings[1])
        with pytest.raises(OSError):  # noqa: PT011, PT012 - the server no longer reads, or has closed it
            while sent < 64 * MEGABYTE:
                sent += slow.send(wire)
        assert sent < 16 * MEGABYTE  # what the buffers of both kernels hold
        assert median_seconds(client, drawings[1]) < 10 * before + 0.1
    assert settled(watched, 20) <= 20


def test_message_of_megabytes_ends_only_its_own_connection(server: Any, stream: Any, drawings: list[bytes]) -> None:
    with connected(server.url) as client, pytest.raises(ConnectionClosed):  # noqa: PT012 - either call may notice
        client.connection.send(orjson.dumps({"pixels": "x" * 3_000_000}).decode())
        client.receive()
    assert stream.ask(1, drawings[0])["seq"] == 1


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


class Queue:
    """A batcher that only keeps the queue."""

    def __init__(self) -> None:
        self.short: list[Place] = []
        self.long: list[Place] = []

    def add(self, place: Place, is_long: bool) -> None:
        (self.long if is_long else self.short).append(place)


def test_connection_has_one_place_in_each_lane(tiny: LiveModel) -> None:
    async def body() -> None:
        websocket, queue = Socket(), Queue()
        serving = asyncio.create_task(Connection(websocket, queue, {"tiny": tiny}).serve())  # type: ignore[arg-type]

        async def send(seq: int, type: str = "trace") -> None:
            text = orjson.dumps({"type": type, "seq": seq, "pixels": pixels(bytes(784))}).decode()
            await websocket.received.put({"type": "websocket.receive", "text": text})
            await asyncio.sleep(0.01)

        for seq in (1, 2):
            await send(seq)
            await send(seq, "backward")
        [place], [_] = queue.short, queue.long
        task: Any = place.next_task()
        assert task.request.seq == 2
        place.start()
        await send(3)  # while the second runs
        assert queue.short == [place]
        place.set_result(task.encode(tiny.blank))
        await asyncio.sleep(0.01)
        assert [answer["seq"] for answer in websocket.sent] == [2]
        assert queue.short == [place, place]
        assert place.next_task().request.seq == 3  # type: ignore[union-attr]
        await websocket.received.put({"type": "websocket.disconnect", "code": 1000})
        await serving
        assert place.next_task() is None

    asyncio.run(body())
