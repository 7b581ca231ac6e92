"""Training in the page: limits of memory, killed servers and workers, one training for all workers."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Server
from tests.server.test_trainings import JOB, await_end, ended, follow, processes_of

from .test_workers import workers_of

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def scant(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Server:
    """A server whose trainings may allocate 200 MB."""
    monkeypatch.setenv("VQVAE_EXPLAINER_TRAINING_MEGABYTES", "200")
    return request.getfixturevalue("own_server")


def start(client: httpx.Client, **changes: Any) -> str:
    answer = client.post("/api/trainings", json={**JOB, **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_memory_is_limited(scant: Server) -> None:
    with httpx.Client(base_url=scant.url, timeout=60) as client:
        *_, progress = follow(client, start(client), ended)
        assert progress["status"]["state"] == "failed"
        assert progress["status"]["reason"] in ("memory", "ended")
        assert client.get("/healthz").status_code == 200


def test_a_training_ends_with_a_killed_server(own_server: Server) -> None:
    with httpx.Client(base_url=own_server.url, timeout=60) as client:
        start(client)
    assert own_server._process is not None
    [pid] = processes_of(own_server._process.pid)
    own_server.kill()
    await_end(pid)


def test_a_training_ends_when_its_page_has_gone(own_server: Server) -> None:
    with httpx.Client(base_url=own_server.url, timeout=60) as client:
        id = start(client)
        follow(client, id, lambda progress: progress["status"]["state"] == "training")
        time.sleep(22)
        *_, progress = follow(client, id, ended)
        assert progress["status"] == {"state": "failed", "reason": "unattended"}


def test_workers_share_one_training_at_a_time(pair: Server) -> None:
    """Whichever worker a request reaches, it knows all trainings; they end with the worker that started them."""
    clients = [httpx.Client(base_url=pair.url, timeout=60) for _ in range(8)]  # connections of both workers
    ids = [
        start(client, codebook=codebook)
        for client, codebook in zip(clients, ("ema", "frozen", "gradient"), strict=False)
    ]

    def attended(holds: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], bool]:
        def check(progress: dict[str, Any]) -> bool:
            for id in ids:  # a training that nobody asks about ends
                clients[0].get(f"/api/trainings/{id}")
            return holds(progress)

        return check

    follow(clients[3], ids[0], attended(lambda progress: len(progress["snapshots"]) > 2))
    for client in clients:
        states = [client.get(f"/api/trainings/{id}").json()["status"]["state"] for id in ids]
        assert states == ["training", "waiting", "waiting"]
        assert [client.get(f"/api/trainings/{id}").json()["position"] for id in ids] == [0, 1, 2]
    clients[4].delete(f"/api/trainings/{ids[0]}")
    *_, done = follow(clients[5], ids[0], attended(ended))
    assert done["status"] == {"state": "finished", "reason": "stopped"}
    assert clients[6].get(f"/api/trainings/{ids[0]}/weights").status_code == 200
    follow(clients[7], ids[1], attended(lambda progress: progress["status"]["state"] == "training"))
    for worker in workers_of(pair):
        pids = processes_of(worker)
        os.kill(worker, signal.SIGKILL)
        for pid in pids:
            await_end(pid)
    for client in clients:
        client.close()
    with httpx.Client(base_url=pair.url, timeout=60) as client:
        deadline = time.monotonic() + 150
        while True:  # until a new worker answers
            try:
                statuses = [client.get(f"/api/trainings/{id}").json()["status"] for id in ids[1:]]
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.5)
    assert statuses == [{"state": "failed", "reason": "ended"}] * 2
