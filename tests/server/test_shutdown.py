"""SIGTERM: what is in flight is answered, everybody is told, and the process ends soon."""

import json
import signal
import socket
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

MOST_SECONDS = 5


def test_it_ends_in_order(own_server: Any, connect_to: Any, drawings: list[bytes]) -> None:
    url, port = own_server.url, own_server.port
    with connect_to(url) as idle, connect_to(url) as busy, connect_to(url) as deaf:
        assert idle.ask(1, drawings[0])["seq"] == 1
        deaf.connection.protocol.receive_data = lambda _: None  # takes no part in the closing
        for seq in range(200):
            busy.send(seq, drawings[0], type="backward")
        assert busy.receive()["seq"] >= 0
        start = time.monotonic()
        assert own_server.terminate(signal.SIGTERM) in (0, -signal.SIGTERM)
        assert time.monotonic() - start < MOST_SECONDS
        for client in (idle, busy):
            with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - after answers that were on their way
                while True:
                    assert client.receive()["type"] == "backward"
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    logged = [json.loads(line) for line in own_server.errors.splitlines()]
    lines = [line for line in logged if line["message"] == "connection closed"]
    assert len(lines) == 3
    assert {line["level"] for line in logged} == {"info"}
    quiet = next(line for line in lines if line["frames"] == 1)
    assert quiet.keys() >= {"time", "process", "client", "seconds"}
    assert (quiet["skipped"], quiet["errors"], quiet["code"]) == (0, {}, 1001)
    assert quiet["client"].startswith("127.0.0.1:")
    assert max(line["skipped"] for line in lines) > 0
