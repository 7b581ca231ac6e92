"""Many WebSocket clients that send drawings at a fixed rate.

They share the machine with the server that they measure, so they do as little as possible: a minimal RFC 6455, messages
encoded in advance, and only the number read from each answer.
"""

import asyncio
import os
import random
import struct
import time
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.measuring import growing

HERTZ = 60
FIRST_SEQ = 1_000_000  # numbers of the same length, so that messages are too
TEXT, CLOSE, PING = 0x81, 0x88, 0x89
SETTLE_SECONDS = 3.0  # wait for the last answers


class Outcome(NamedTuple):
    """Measurements; lists have an item for each client, unless noted."""

    latencies: list[float]  # ms, of all answers of all clients
    sent: list[int]
    answered: list[int]
    last_answered: list[bool]  # whether the last drawing was answered
    seconds: float
    busy: float  # share of a core that the clients used

    @property
    def frames_a_second(self) -> float:
        """Answers to all clients per second of sending."""
        return sum(self.answered) / self.seconds


class Client(asyncio.Protocol):
    """One client. With `compressed` it offers permessage-deflate and counts answers instead of reading them."""

    def __init__(self, host: str, port: int, compressed: bool) -> None:
        self._host = f"{host}:{port}"
        self._compressed = compressed
        self._buffer = b""
        self._sent_at: list[float] = []
        self._counting = True
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.answered = 0
        self.newest = -1

    @property
    def sent(self) -> int:
        """Number of drawings sent."""
        return len(self._sent_at)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = b64encode(os.urandom(16)).decode()
        extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if self._compressed else ""
        transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {self._host}\r\nOrigin: http://{self._host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{extensions}\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        """Fail `opened` if the handshake has not been completed."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("the server refused a client"))

    def send(self, head: bytes, tail: bytes) -> None:
        """Send the next drawing; `head` and `tail` are the message before and after its number."""
        seq = b"%d" % (FIRST_SEQ + len(self._sent_at))
        # A mask of zeros leaves the message unchanged.
        header = struct.pack("!BBHI", TEXT, 0xFE, len(head) + len(seq) + len(tail), 0)
        self._sent_at.append(time.perf_counter())
        self._transport.write(b"".join((header, head, seq, tail)))

    def stop_counting(self) -> None:
        """Ignore answers from now on, except for whether the last drawing was answered."""
        self._counting = False

    def close(self) -> None:
        """Abort the connection."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse frames."""
        data = self._buffer + data if self._buffer else data
        at = 0
        if not self.opened.done():
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._buffer = data
                return
            if data.startswith(b"HTTP/1.1 101"):
                self.opened.set_result(None)
            else:
                self.opened.set_exception(ConnectionError(data[:60].decode(errors="replace")))
        while (end := self._frame(data, at)) > 0:
            at = end
        self._buffer = data[at:]

    def _frame(self, data: bytes, at: int) -> int:
        """Handle the frame at an index; returns the index of the next one, or 0 if the frame is not complete."""
        if len(data) < at + 2:
            return 0
        kind, length, start = data[at], data[at + 1], at + 2
        if length == 126:
            start += 2
            length = int.from_bytes(data[at + 2 : start])
        elif length == 127:
            start += 8
            length = int.from_bytes(data[at + 2 : start])
        if len(data) < start + length:
            return 0
        if kind & 0x0F == 1:
            self._answer(data, start)
        elif kind == PING:
            self._transport.write(struct.pack("!BBI", 0x8A, 0x80 | length, 0) + data[start : start + length])
        return start + length

    def _answer(self, data: bytes, start: int) -> None:
        now = time.perf_counter()
        if self._compressed:  # the naive server answers everything in order
            self.newest += 1
        else:
            number = data.index(b'"seq":', start, start + 64) + 6
            self.newest = int(data[number : number + 7]) - FIRST_SEQ
        if self._counting:
            self.answered += 1
            self.latencies.append(1000 * (now - self._sent_at[self.newest]))


def messages() -> list[tuple[bytes, bytes]]:
    """Messages with the pixels of growing digits, split at their number."""
    return [
        (b'{"type":"trace","seq":', b',"stages":["features","reconstruction"],"pixels":"%b"}' % b64encode(drawing))
        for drawing in growing()
    ]


async def run(url: str, count: int, seconds: float, compressed: bool = False) -> Outcome:
    """Let `count` clients send 60 drawings a second each, whether or not answers come, at random phases."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80
    loop = asyncio.get_running_loop()
    prepared = messages()
    clients = []
    for _ in range(count):
        _, client = await loop.create_connection(lambda: Client(host, port, compressed), host, port)
        await client.opened
        clients.append(client)
    dice = random.Random(0)
    phases = sorted((dice.random() / HERTZ, n) for n in range(count))
    start, cpu = loop.time() + 0.05, time.process_time()
    for move in range(round(seconds * HERTZ)):
        for phase, n in phases:
            delay = start + move / HERTZ + phase - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            elif n == 0:
                await asyncio.sleep(0)  # late, but answers must still be read
            clients[n].send(*prepared[(move + 37 * n) % len(prepared)])
    elapsed, busy = loop.time() - start, time.process_time() - cpu
    for client in clients:
        client.stop_counting()
    patience = loop.time() + SETTLE_SECONDS
    while loop.time() < patience and any(client.newest < client.sent - 1 for client in clients):
        await asyncio.sleep(0.05)
    for client in clients:
        client.close()
    return Outcome(
        latencies=[latency for client in clients for latency in client.latencies],
        sent=[client.sent for client in clients],
        answered=[client.answered for client in clients],
        last_answered=[client.newest == client.sent - 1 for client in clients],
        seconds=elapsed,
        busy=busy / elapsed,
    )
