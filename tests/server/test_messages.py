"""Messages of the stream: every message gives a task or an error with a code."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.server.messages import BadMessageError, parse

from .streaming import connected, on_the_wire, pixels

PIXELS = pixels(bytes(784))
GOOD = {"type": "trace", "seq": 7, "pixels": PIXELS}
GRID = [[0] * 7] * 7
BAD: dict[str, tuple[Any, int | None, str]] = {
    "nothing": ("", None, "not_json"),
    "half": ('{"type": "trace", "seq": 7', None, "not_json"),
    "deep": ("[" * 5000, None, "not_json"),
    "list": ("[1, 2]", None, "not_an_object"),
    "number": ("3", None, "not_an_object"),
    "no type": ('{"seq": 7}', 7, "unknown_type"),
    "type": (GOOD | {"type": "train"}, 7, "unknown_type"),
    "type is a list": (GOOD | {"type": ["trace"]}, 7, "unknown_type"),
    "no pixels": ({"type": "trace", "seq": 7}, 7, "invalid"),
    "pixels are numbers": (GOOD | {"pixels": [0] * 784}, 7, "invalid"),
    "few pixels": (GOOD | {"pixels": pixels(bytes(783))}, 7, "invalid"),
    "many pixels": (GOOD | {"pixels": pixels(bytes(785))}, 7, "invalid"),
    "not base64": (GOOD | {"pixels": "!" * 1048}, 7, "invalid"),
    "no padding": (GOOD | {"pixels": PIXELS.rstrip("=")}, 7, "invalid"),
    "not ASCII": (GOOD | {"pixels": "é" * 1048}, 7, "invalid"),
    "unknown model": (GOOD | {"model": "none"}, 7, "unknown_model"),
    "empty model": (GOOD | {"model": ""}, 7, "unknown_model"),
    "model is a number": (GOOD | {"model": 3}, 7, "invalid"),
    "unknown stage": (GOOD | {"stages": ["indices"]}, 7, "invalid"),
    "unknown field": (GOOD | {"brush": 3}, 7, "invalid"),
    "no seq": ({"type": "trace", "pixels": PIXELS}, None, "invalid"),
    "negative seq": (GOOD | {"seq": -1}, -1, "invalid"),
    "seq is text": (GOOD | {"seq": "7"}, None, "invalid"),
    "seq is a boolean": (GOOD | {"seq": True}, None, "invalid"),
    "seq is too large": (GOOD | {"seq": 2**53}, 2**53, "invalid"),
    "seq is far too large": (GOOD | {"seq": 10**30}, None, "invalid"),
    "too large": ('"' + "x" * 70_000 + '"', None, "too_large"),
    "binary": (b"\x00\x01", None, "not_text"),
}
CODES = {code for _, _, code in BAD.values()}


def test_bad_messages_are_answered_and_the_connection_stays(stream: Any, drawings: list[bytes]) -> None:
    for name, (content, seq, code) in BAD.items():
        stream.connection.send(json.dumps(content) if isinstance(content, dict) else content)
        answer = stream.receive()
        assert answer.keys() == {"type", "seq", "code", "message"}
        assert (answer["type"], answer["seq"], answer["code"]) == ("error", seq, code), name
        assert 10 < len(answer["message"]) < 300
        assert answer["message"].endswith(".")
        assert stream.ask(8, drawings[0])["seq"] == 8


numbers = st.one_of(st.integers(), st.floats(), st.integers(min_value=2**63), st.just(10**400))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
# Messages that are nearly right: some fields are valid, some are not, some are missing, some unknown.
nearly = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(st.sampled_from(["trace", "decode", "previews", "backward"]), anything),
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
# The standard library also writes NaN and integers of any size, which are not JSON for orjson.
texts = st.one_of(
    nearly.map(json.dumps),
    anything.map(json.dumps),
    st.text(max_size=200),
    st.integers(1, 60_000).map(lambda depth: "[" * depth),
    st.integers(1, 10_000).map(lambda depth: '{"a":' * depth + "1" + "}" * depth),
    st.integers(65_530, 80_000).map(lambda length: '"' + "x" * length + '"'),
)


@settings(max_examples=100, deadline=None)
@given(text=st.one_of(st.none(), texts))
def test_parse_returns_a_task_or_raises_with_a_code(
    tiny: ExplainedModel, other: ExplainedModel, text: str | None
) -> None:
    models = {"tiny": tiny, "other": other}
    try:
        task = parse(text, models)
    except BadMessageError as error:
        answer = error.answer
        assert answer["code"] in CODES
        assert answer["type"] == "error"
        assert answer["seq"] is None or isinstance(answer["seq"], int)
        assert 10 < len(answer["message"]) < 1000
    else:
        assert 0 <= task.request.seq < 2**53
        assert task.model in models


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.one_of(texts, st.binary(max_size=100)), max_size=5))
def test_stream_answers_each_message_in_turn(server: Any, drawings: list[bytes], contents: list[str | bytes]) -> None:
    with connected(server.url) as client:
        for content in contents:
            if isinstance(content, str) and any("\ud800" <= character <= "\udfff" for character in content):
                continue  # not UTF-8: see below
            client.connection.socket.sendall(on_the_wire(content))
            answer = client.receive()
            assert answer["type"] != "error" or answer["code"] in CODES
        assert client.ask(5, drawings[0])["seq"] == 5


def test_protocol_errors_end_only_their_own_connection(server: Any, stream: Any, drawings: list[bytes]) -> None:
    for wire, code in (
        (Frame(Opcode.TEXT, '{"seq": "é"}'.encode()[:-3]).serialize(mask=True), 1007),  # truncated UTF-8
        (Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True), 1007),
        (on_the_wire("[" * 200_000), 1009),
        (b"\xff" * 40, 1002),
        (Frame(Opcode.CONT, b"of nothing").serialize(mask=True), 1002),
        (Frame(Opcode.TEXT, b"{}").serialize(mask=False), 1002),
    ):
        with connected(server.url) as client:
            client.connection.socket.sendall(wire)
            with pytest.raises(ConnectionClosed) as closed:
                client.receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code
    assert stream.ask(1, drawings[0])["seq"] == 1
