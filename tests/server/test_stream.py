"""The stream: answers, errors, and the newest drawing wins."""

import json
import socket
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from websockets.exceptions import ConnectionClosedError

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.packing import unpack
from vqvae_explainer.explain.trace import Trace, trace
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.batcher import Batcher
from vqvae_explainer.server.operations import TRACE, Operation
from vqvae_explainer.server.settings import Settings

NORMAL = TRACE["normal"]
STAGES = ("features", "distances", "quantized", "reconstruction")
GOOD = {"type": "trace", "seq": 7, "pixels": b64encode(bytes(784)).decode()}


def slow_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the batcher rest before each batch, as a bigger model would."""
    quick = Batcher._take

    def slow(batcher: Batcher) -> Any:
        time.sleep(0.05)
        return quick(batcher)

    monkeypatch.setattr(Batcher, "_take", slow)


@pytest.fixture(scope="module")
def expected(tiny: ExplainedModel, drawings: list[bytes]) -> list[Trace]:
    return trace(tiny.model, drawings)


def test_answer_is_the_trace(stream: Any, drawings: list[bytes], expected: list[Trace], tiny: ExplainedModel) -> None:
    for seq, (drawing, traced) in enumerate(zip(drawings, expected, strict=True), start=100):
        frame = stream.ask(seq, drawing, model="tiny")
        assert frame.keys() == {"type", "seq", "model", "indices", "losses", "server_ms", "variant", *STAGES}
        assert (frame["type"], frame["seq"], frame["model"]) == ("trace", seq, "tiny")
        assert frame["indices"] == traced.indices.tolist()
        assert frame["losses"] == pytest.approx(traced.losses, rel=1e-4)
        assert frame["server_ms"] > 0
        for stage in STAGES:
            assert frame[stage]["shape"] == tiny.stages[stage]
            values = getattr(traced, stage)
            np.testing.assert_allclose(unpack(frame[stage]), values, atol=1e-4 * max(1, np.ptp(values)))


def test_default_model(stream: Any, drawings: list[bytes], other: ExplainedModel) -> None:
    frame = stream.ask(0, drawings[0])
    assert frame["model"] == "other"
    assert frame["distances"]["shape"] == [49, 12]
    assert frame["indices"] == trace(other.model, drawings[:1])[0].indices.tolist()


@pytest.mark.parametrize("stages", [[], ["reconstruction"], ["distances", "features"]])
def test_page_chooses_what_it_is_sent(stream: Any, drawings: list[bytes], stages: list[str]) -> None:
    frame = stream.ask(1, drawings[0], stages=stages)
    assert frame.keys() & set(STAGES) == set(stages)
    assert {"indices", "losses", "seq"} < frame.keys()


BAD = {
    "nothing": ("", None, "not_json"),
    "half": ('{"type": "trace", "seq": 7', None, "not_json"),
    "deep": ("[" * 5000, None, "not_json"),
    "list": ("[1, 2]", None, "not_an_object"),
    "number": ("3", None, "not_an_object"),
    "no type": ('{"seq": 7}', 7, "unknown_type"),
    "type": (GOOD | {"type": "train"}, 7, "unknown_type"),
    "type is no text": (GOOD | {"type": ["trace"]}, 7, "unknown_type"),
    "no pixels": ({"type": "trace", "seq": 7}, 7, "invalid"),
    "pixels are numbers": (GOOD | {"pixels": [0] * 784}, 7, "invalid"),
    "few pixels": (GOOD | {"pixels": b64encode(bytes(783)).decode()}, 7, "invalid"),
    "many pixels": (GOOD | {"pixels": b64encode(bytes(785)).decode()}, 7, "invalid"),
    "no base64": (GOOD | {"pixels": "!" * 1048}, 7, "invalid"),
    "no padding": (GOOD | {"pixels": b64encode(bytes(784)).decode().rstrip("=")}, 7, "invalid"),
    "not ASCII": (GOOD | {"pixels": "é" * 1048}, 7, "invalid"),
    "unknown model": (GOOD | {"model": "none"}, 7, "unknown_model"),
    "empty model": (GOOD | {"model": ""}, 7, "unknown_model"),
    "model is no text": (GOOD | {"model": 3}, 7, "invalid"),
    "unknown stage": (GOOD | {"stages": ["indices"]}, 7, "invalid"),
    "unknown field": (GOOD | {"brush": 3}, 7, "invalid"),
    "no seq": ({"type": "trace", "pixels": GOOD["pixels"]}, None, "invalid"),
    "negative seq": (GOOD | {"seq": -1}, -1, "invalid"),
    "seq is text": (GOOD | {"seq": "7"}, None, "invalid"),
    "seq is a truth": (GOOD | {"seq": True}, None, "invalid"),
    "seq is too large": (GOOD | {"seq": 2**53}, 2**53, "invalid"),
    "seq is far too large": (GOOD | {"seq": 10**30}, None, "invalid"),
    "too large": ('"' + "x" * 70_000 + '"', None, "too_large"),
    "binary": (b"\x00\x01", None, "not_text"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_message_is_answered_and_the_connection_goes_on(stream: Any, drawings: list[bytes], name: str) -> None:
    message, seq, code = BAD[name]
    if isinstance(message, dict):
        # The standard library writes what orjson cannot: integers of any size.
        message = json.dumps(message)
    stream.connection.send(message)
    frame = stream.receive()
    assert frame.keys() == {"type", "seq", "code", "message"}
    assert (frame["type"], frame["seq"], frame["code"]) == ("error", seq, code)
    assert 10 < len(frame["message"]) < 300
    assert frame["message"].endswith(".")
    assert stream.ask(8, drawings[0])["seq"] == 8


def test_newest_drawing_wins_and_the_last_is_answered(
    weights_dir: Path,
    drawings: list[bytes],
    other: ExplainedModel,
    serve_here: Any,
    connect_to: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow_down(monkeypatch)
    indices = [traced.indices.tolist() for traced in trace(other.model, drawings)]
    with serve_here(create_app(Settings(weights=weights_dir))) as url, connect_to(url) as client:
        for last in (29, 59):  # a pause in between, as between two strokes
            for seq in range(last - 29, last + 1):
                client.send(seq, drawings[seq % 8], stages=[])
            answered = []
            while not answered or answered[-1] != last:
                frame = client.receive()
                answered.append(frame["seq"])
                assert frame["indices"] == indices[frame["seq"] % 8]
            assert answered == sorted(set(answered))
            assert len(answered) < 25


def test_failing_model_does_not_silence_the_connection(
    weights_dir: Path, drawings: list[bytes], serve_here: Any, connect_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([RuntimeError("out of memory")])

    def fails_once(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return NORMAL.run(*arguments)

    monkeypatch.setitem(TRACE, "normal", Operation(fails_once))
    with serve_here(create_app(Settings(weights=weights_dir))) as url, connect_to(url) as client:
        frame = client.ask(1, drawings[0])
        assert (frame["type"], frame["seq"], frame["code"]) == ("error", 1, "internal")
        assert "out of memory" not in frame["message"]  # that is for the log
        assert client.ask(2, drawings[0])["type"] == "trace"


def test_each_client_gets_its_own_answers(
    server: Any, connect_to: Any, drawings: list[bytes], expected: list[Trace]
) -> None:
    def draw(number: int) -> None:
        with connect_to(server.url) as client:
            for seq in range(30):
                frame = client.ask(seq, drawings[number], model="tiny", stages=["reconstruction"])
                assert frame["seq"] == seq
                assert frame["indices"] == expected[number].indices.tolist()
                np.testing.assert_allclose(unpack(frame["reconstruction"]), expected[number].reconstruction, atol=1e-4)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(draw, range(3)))


def test_two_models_at_once(server: Any, connect_to: Any, drawings: list[bytes]) -> None:
    with connect_to(server.url) as one, connect_to(server.url) as two:
        for seq in range(10):
            one.send(seq, drawings[0], model="tiny")
            two.send(seq, drawings[0], model="other")
            assert one.receive()["distances"]["shape"] == [49, 20]
            assert two.receive()["distances"]["shape"] == [49, 12]


@pytest.mark.parametrize("part", [b"", b"\x81\xfe\x04\x00half of a frame"], ids=["after", "within"])
def test_client_that_goes_in_the_middle_does_no_harm(
    server: Any, connect_to: Any, stream: Any, drawings: list[bytes], part: bytes
) -> None:
    for _ in range(5):
        with connect_to(server.url) as client:
            for seq in range(5):
                client.send(seq, drawings[0])
            client.connection.socket.sendall(part)
            client.connection.socket.shutdown(socket.SHUT_RDWR)
        assert stream.ask(1, drawings[1])["seq"] == 1


def test_each_type_has_its_own_slot(
    weights_dir: Path, drawings: list[bytes], serve_here: Any, connect_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decode or a backward pass does not push out the drawing that waits, nor the other way round."""
    slow_down(monkeypatch)
    grid = [[3] * 7] * 7
    with serve_here(create_app(Settings(weights=weights_dir))) as url, connect_to(url) as client:
        for seq in range(0, 30, 3):
            client.send(seq, drawings[0])
            client.connection.send(json.dumps({"type": "decode", "seq": seq + 1, "indices": grid}))
            client.send(seq + 2, drawings[1], type="backward")
        last = {"trace": 27, "decode": 28, "backward": 29}
        while last:
            frame = client.receive()
            if last.get(frame["type"]) == frame["seq"]:
                del last[frame["type"]]


def test_message_of_megabytes_ends_only_its_own_connection(
    server: Any, connect_to: Any, stream: Any, drawings: list[bytes]
) -> None:
    with connect_to(server.url) as client, pytest.raises(ConnectionClosedError):  # noqa: PT012 - either may notice
        client.connection.send(orjson.dumps({"pixels": "x" * 3_000_000}).decode())
        client.receive()
    assert stream.ask(1, drawings[0])["seq"] == 1


def test_server_that_comes_back_goes_on(own_server: Any, connect_to: Any, drawings: list[bytes]) -> None:
    port = own_server.port
    with connect_to(own_server.url) as client:
        before = client.ask(1, drawings[0])
        own_server.kill()
    own_server.start(port)
    assert own_server.port == port
    with connect_to(own_server.url) as client:
        assert client.ask(1, drawings[0])["indices"] == before["indices"]


def test_bad_messages_leave_a_waiting_drawing_alone(stream: Any, drawings: list[bytes]) -> None:
    stream.send(1, drawings[0])
    stream.connection.send("{")
    frames = [stream.receive(), stream.receive()]
    assert {(frame["type"], frame["seq"]) for frame in frames} == {("trace", 1), ("error", None)}


def test_frame_is_small(stream: Any, drawings: list[bytes]) -> None:
    stream.send(1, drawings[0], model="tiny")
    assert len(stream.connection.recv(timeout=20)) <= 16 * 1024
