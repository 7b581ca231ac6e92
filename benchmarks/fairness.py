"""`python -m benchmarks fairness`: how much ten clients with heavy requests delay another.

One client draws at 60 Hz on the default model. Beside it ten others compute gradients of `minimal-512`, the largest
codebook, and ask again as soon as they are answered: over REST, or over the stream.
"""

import asyncio
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator

from benchmarks.load import run
from benchmarks.measuring import ROOT, SERVE, Row, growing, percentile, serving, spread

NUMBER = 10
KINDS = ("REST", "stream")
MODEL = "minimal-512"
SECONDS = 10.0


async def post(host: str, port: int, body: bytes, answered: list[int]) -> None:
    """Ask over one connection of REST, again and again."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
    head = f"POST /api/backward HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    try:
        while True:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            answered.append(1)
    finally:
        writer.close()


async def stream(host: str, port: int, message: bytes, answered: list[int]) -> None:
    """Ask over one connection of the stream, again and again."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    try:
        await reader.readuntil(b"\r\n\r\n")
        frame = b"\x81\xfe" + len(message).to_bytes(2) + bytes(4) + message
        while True:
            writer.write(frame)
            kind, length = await reader.readexactly(2)
            if length >= 126:
                length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
            content = await reader.readexactly(length)
            if kind == 0x89:  # a ping
                writer.write(bytes([0x8A, 0x80 | length]) + bytes(4) + content)
            answered.append(1)
    finally:
        writer.close()


async def ask(kind: str, url: str, seconds: float) -> None:
    """Let ten clients ask for some seconds; prints a line at their start, and how many answers they got a second."""
    host, port = url.removeprefix("http://").split(":")
    fields = {"model": MODEL, "pixels": b64encode(growing()[29]).decode()}
    body = json.dumps(fields if kind == "REST" else {"type": "backward", "seq": 1, **fields}).encode()
    client = post if kind == "REST" else stream
    answered: list[int] = []
    tasks = [asyncio.create_task(client(host, int(port), body, answered)) for _ in range(NUMBER)]
    await asyncio.sleep(1)
    print("started", flush=True)
    answered.clear()
    await asyncio.sleep(seconds)
    print(len(answered) / seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def measure(quick: bool = False) -> Iterator[Row]:
    """The client alone, and beside each kind of others, which have a process of their own."""
    seconds = 2.0 if quick else SECONDS
    with serving(*SERVE) as server:
        asyncio.run(run(server.url, 1, 1.0))  # warm
        alone = asyncio.run(run(server.url, 1, seconds)).latencies
        yield Row("alone", spread(alone))
        for kind in KINDS:
            command = [sys.executable, "-m", "benchmarks.fairness", kind, server.url, str(seconds)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as others:
                assert others.stdout is not None
                others.stdout.readline()
                latencies = asyncio.run(run(server.url, 1, seconds)).latencies
                rate = float(others.stdout.readline())
            ratio = percentile(latencies, 0.5) / percentile(alone, 0.5)
            yield Row(f"beside {NUMBER} of {kind}", f"{spread(latencies)}   {ratio:5.1f} ×   {rate:5.1f} gradients/s")


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], sys.argv[2], float(sys.argv[3])))
