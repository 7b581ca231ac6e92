"""The benchmarks run, and their helpers compute correctly. Their figures are not tested."""

import asyncio
import itertools
import math
import time
from urllib.parse import urlsplit

import pytest

from benchmarks.__main__ import main
from benchmarks.far import Link, far_away
from benchmarks.measuring import Processors, growing, percentile


def test_percentiles() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0.0, 0.2, 0.5, 0.99, 1.0)] == [1, 1, 3, 5, 5]
    assert math.isnan(percentile([], 0.5))


def test_stolen_time() -> None:
    assert Processors(1100, 35).stolen_since(Processors(1000, 10)) == 0.25
    now = Processors.now()
    assert 0 <= now.stolen <= now.total


def test_drawings_grow() -> None:
    drawings = growing(5)
    assert len(drawings) == 50
    assert {len(drawing) for drawing in drawings} == {784}
    ink = [sum(drawing) for drawing in drawings]
    assert all(before < after for n, (before, after) in enumerate(itertools.pairwise(ink)) if n % 5 < 4)


def test_a_line_is_shared() -> None:
    async def body() -> None:
        link, now = Link(0.1, 1000), asyncio.get_running_loop().time()
        assert [link.arrival(size) - now for size in (50, 100)] == pytest.approx([0.15, 0.25], abs=0.01)

    asyncio.run(body())


def test_far_server_answers_a_round_trip_later() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    async def body() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server, far_away(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 80) as address:
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(address).port)
            start = time.perf_counter()
            for piece in (b"one", b"two"):
                writer.write(piece)
                await asyncio.sleep(0.01)
            assert await reader.readexactly(6) == b"onetwo"
            assert 0.16 <= time.perf_counter() - start < 2  # one of them to connect
            writer.close()
            assert await reader.read() == b""

    asyncio.run(body())


def test_unknown_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["no"])
    assert "unknown benchmark no" in capsys.readouterr().err


def test_quick_run_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "frame"])
    machine, blank, title, *rows = capsys.readouterr().out.splitlines()
    assert "cores" in machine
    assert (blank, title) == ("", "frame")
    assert any("KB" in row for row in rows)
    assert "host" in rows[-1]
