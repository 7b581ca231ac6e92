"""`python -m benchmarks far`: drawings a second that a page shows when its server is far away.

A proxy between browser and server delays everything by half of a round trip in each direction. The page is loaded
through it too. The mouse moves at 60 Hz, as in the benchmark `stroke`.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from benchmarks.measuring import SERVE, Row, serving, spread
from benchmarks.stroke import HERTZ, draw, opened

ROUND_TRIPS = (0, 100, 300)  # ms
MOVES = 400


class Link:
    """One direction of a line that all connections share."""

    def __init__(self, seconds: float, rate: float) -> None:
        """`seconds` is the delay, `rate` in bytes per second."""
        self._seconds = seconds
        self._rate = rate
        self._free = 0.0

    def arrival(self, size: int) -> float:
        """When so many bytes that are sent now have arrived, in the event loop's time."""
        self._free = max(self._free, asyncio.get_running_loop().time()) + size / self._rate
        return self._free + self._seconds


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
    """Write what arrives, each piece when it has passed the link."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        with suppress(ConnectionError):  # a reset ends the connection too
            while data := await reader.read(1 << 13):
                pieces.put_nowait((link.arrival(len(data)), data))
        pieces.put_nowait((link.arrival(0), b""))

    reading = asyncio.create_task(read())
    try:
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(due - loop.time())
            if not data:
                break
            writer.write(data)
    finally:
        reading.cancel()
        writer.close()


@asynccontextmanager
async def far_away(url: str, round_trip: float, rate: float = math.inf) -> AsyncIterator[str]:
    """An address under which a server is `round_trip` ms away, over a line of `rate` bytes per second."""
    address = urlsplit(url)
    there, back = (Link(round_trip / 2000, rate) for _ in range(2))
    connections: list[asyncio.Task[None]] = []

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip / 1000)  # TCP's handshake; to the browser the proxy seems connected at once
        answers, requests = await asyncio.open_connection(address.hostname, address.port)
        await asyncio.gather(forward(reader, requests, there), forward(answers, writer, back))

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.create_task(connect(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as proxy:
        yield f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


async def far(url: str, round_trip: float, moves: int) -> list[Row]:
    async with far_away(url, round_trip) as address, opened(address) as (page, mouse):
        await draw(page, mouse, moves // 4, settle_ms=500 + 2 * round_trip)  # warm-up
        found = await draw(page, mouse, moves, settle_ms=500 + 2 * round_trip)
    last = "shown" if found.last_shown else "NOT shown"
    rate = found.traced / (moves / HERTZ)
    return [
        Row(f"{round_trip} ms: drawings shown", f"{rate:.1f} a second, last one {last}"),
        Row(f"{round_trip} ms: move → drawn", spread(found.drawn)),
    ]


def measure(quick: bool = False) -> Iterator[Row]:
    """Measure with the default model, at each round trip."""
    with serving(*SERVE) as server:
        for round_trip in ROUND_TRIPS:
            yield from asyncio.run(far(server.url, round_trip, 120 if quick else MOVES))
