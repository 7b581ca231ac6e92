"""What nobody should send: whatever it is, it is answered in order, and the server goes on as before."""

import json
import socket
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.server.frames import BadMessageError, parse, to_task
from vqvae_explainer.server.schemas import StreamMessage
from vqvae_explainer.server.stream import MAX_BAD

CODES = {"not_text", "too_large", "not_json", "not_an_object", "unknown_type", "invalid", "unknown_model"}
PIXELS = b64encode(bytes(784)).decode()
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
GRID = [[0] * 7] * 7

numbers = st.one_of(st.integers(), st.floats(), st.integers(min_value=2**63), st.just(10**400))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
# Messages that are nearly right: some fields as they should be, some not, some missing, some too many.
nearly = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(st.sampled_from(["trace", "decode", "backward"]), anything),
        "seq": st.one_of(st.integers(0, 2**53), anything),
        "model": st.one_of(st.sampled_from(["tiny", "other"]), anything),
        "pixels": st.one_of(st.just(PIXELS), st.text(max_size=1100), anything),
        "stages": st.one_of(st.just(["features"]), anything),
        "variant": st.one_of(st.just("bypass"), anything),
        "indices": st.one_of(st.just(GRID), st.lists(st.lists(numbers, max_size=8), max_size=8), anything),
        "straight_through": st.one_of(st.booleans(), anything),
        "more": anything,
    },
)
# The standard library writes NaN and integers of any size, which JSON does not know.
texts = st.one_of(
    nearly.map(json.dumps),
    anything.map(json.dumps),
    st.text(max_size=200),
    st.integers(1, 60_000).map(lambda depth: "[" * depth),
    st.integers(1, 10_000).map(lambda depth: '{"a":' * depth + "1" + "}" * depth),
    st.integers(65_530, 80_000).map(lambda length: '"' + "x" * length + '"'),
)


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(st.none(), texts))
def test_parse_makes_a_request_or_says_why_not(tiny: ExplainedModel, other: ExplainedModel, text: str | None) -> None:
    models = {"tiny": tiny, "other": other}
    try:
        message = parse(text, models)
        task = to_task(message, models)
    except BadMessageError as problem:
        frame = problem.frame
        assert frame["code"] in CODES
        assert frame["type"] == "error"
        assert frame["seq"] is None or isinstance(frame["seq"], int)
        assert 10 < len(frame["message"]) < 1000
    else:
        assert isinstance(message, StreamMessage)
        assert 0 <= message.seq < 2**53
        assert task.model in models


def on_the_wire(content: str | bytes) -> bytes:
    """A message as a client sends it."""
    if isinstance(content, bytes):
        return Frame(Opcode.BINARY, content).serialize(mask=True)
    return Frame(Opcode.TEXT, content.encode(errors="surrogatepass")).serialize(mask=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.one_of(texts, st.binary(max_size=100)), max_size=5))
def test_stream_answers_each_in_turn(
    server: Any, connect_to: Any, drawings: list[bytes], contents: list[str | bytes]
) -> None:
    with connect_to(server.url) as client:
        for content in contents:
            if isinstance(content, str) and any("\ud800" <= character <= "\udfff" for character in content):
                continue  # no UTF-8: see below
            client.connection.socket.sendall(on_the_wire(content))
            frame = client.receive()
            assert frame["type"] != "error" or frame["code"] in CODES
        assert client.ask(5, drawings[0])["seq"] == 5


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (Frame(Opcode.TEXT, '{"seq": "é"}'.encode()[:-3]).serialize(mask=True), 1007),  # truncated UTF-8
        (Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True), 1007),
        (on_the_wire("[" * 200_000), 1009),  # too big to be answered
        (b"\xff" * 40, 1002),  # no frame at all
        (Frame(Opcode.CONT, b"of nothing").serialize(mask=True), 1002),
        (Frame(Opcode.TEXT, b"{}").serialize(mask=False), 1002),
    ],
    ids=["truncated", "no UTF-8", "huge", "noise", "continuation", "unmasked"],
)
def test_what_is_no_message_ends_the_connection(
    server: Any, connect_to: Any, stream: Any, drawings: list[bytes], wire: bytes, code: int
) -> None:
    with connect_to(server.url) as client:
        client.connection.socket.sendall(wire)
        with pytest.raises(ConnectionClosed) as closed:
            client.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
    assert stream.ask(1, drawings[0])["seq"] == 1


def resident_bytes(server: Any) -> int:
    """What the server's process holds in memory."""
    status = Path(f"/proc/{server._process.pid}/status")
    if not status.exists():
        pytest.skip("needs Linux's /proc")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def abuse(server: Any, number: int) -> None:
    """Send bad messages without waiting for answers, as many to a connection as it takes."""
    bad = ["{", "[]", '{"type": "trace", "seq": 1, "pixels": "no"}', "[" * 300, '{"seq": 1e999}', "\x00", b"\x01" * 99]
    wire = [on_the_wire(content) for content in bad]
    everything = b"".join(wire[n % len(wire)] for n in range(MAX_BAD))
    for _ in range(number // MAX_BAD):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            client.sendall(HANDSHAKE)
            answers = 0
            with client.makefile("rb") as stream:
                while stream.readline().strip():
                    pass  # headers
                client.sendall(everything)
                while (kind := stream.read(2)) != b"\x88\x02":
                    assert kind[0] in (0x81, 0x89), stream.read(kind[1])  # a text; a ping may come at any time
                    answers += kind[0] == 0x81
                    stream.read(int.from_bytes(stream.read(2)) if kind[1] == 126 else kind[1])
                assert stream.read(2) == (1008).to_bytes(2)
            assert answers == MAX_BAD


def test_a_hundred_thousand_bad_messages(server: Any, stream: Any, drawings: list[bytes]) -> None:
    before = sorted(timed(stream, drawings[0]) for _ in range(50))[25]
    abuse(server, 10_000)  # warms up
    used = resident_bytes(server)
    start = time.monotonic()
    abuse(server, 100_000)
    assert time.monotonic() - start < 60
    assert resident_bytes(server) - used < 10_000_000
    assert sorted(timed(stream, drawings[0]) for _ in range(50))[25] < 3 * before + 0.02


def timed(client: Any, drawing: bytes) -> float:
    """Seconds until a drawing is answered."""
    start = time.perf_counter()
    assert client.ask(1, drawing)["seq"] == 1
    return time.perf_counter() - start
