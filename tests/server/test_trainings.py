"""Training in the page over REST: real processes, one of which trains at a time, and what refuses or ends them."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from fastapi.testclient import TestClient

from tests.conftest import Server
from vqvae_explainer.lab.folder import folders
from vqvae_explainer.lab.job import Job, make_config
from vqvae_explainer.model.weights import load_weights
from vqvae_explainer.server import run, trainings
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings
from vqvae_explainer.server.trainings import Trainings

from .streaming import pixels

PATIENCE = 240  # seconds: importing PyTorch on a busy machine, and evaluating the model
JOB = {"num_embeddings": 8, "pixels": pixels(b"\x80" * 784)}
UNKNOWN = "0" * 32

SOME_JOB = Job(config=make_config(20, 0.75, "ema"), seconds=1, megabytes=2048)

Make = Callable[..., TestClient]


class Short:
    """A process that has ended."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def poll(self) -> int:
        return 0


@pytest.fixture
def make(weights_dir: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Clients of applications that may train, of which one at a time is open."""
    monkeypatch.setenv("VQVAE_EXPLAINER_DATA_DIR", str(data_dir))
    opened: list[TestClient] = []

    def make(**options: Any) -> TestClient:
        client = TestClient(create_app(Settings(weights=weights_dir, **{"training": True, **options})))
        opened.append(client.__enter__())
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def follow(client: TestClient | httpx.Client, id: str, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Ask for progress until it is such; returns all snapshots and, last, the progress."""
    found: list[dict[str, Any]] = []
    after, end = 0, time.monotonic() + PATIENCE
    while time.monotonic() < end:
        progress = client.get(f"/api/trainings/{id}", params={"after": after}).json()
        found += progress["snapshots"]
        after = progress["next"]
        if until({**progress, "snapshots": found}):
            return [*found, progress]
        time.sleep(0.1)
    pytest.fail(f"no such progress: {progress['status']}")


def ended(progress: dict[str, Any]) -> bool:
    return progress["status"]["state"] in ("finished", "failed")


def test_two_trainings_one_after_the_other(make: Make, tmp_path: Path) -> None:
    client = make(training_seconds=2)
    assert client.post("/api/trainings/prepare").json()["hindrance"] == ""
    first = client.post("/api/trainings", json=JOB).json()
    second = client.post("/api/trainings", json={**JOB, "codebook": "frozen"}).json()
    assert (first["position"], second["position"]) == (0, 1)
    assert client.get(f"/api/trainings/{first['id']}/weights").json()["code"] == "not_finished"
    assert client.get("/api/trainings").json()["active"] == 2
    assert client.get(f"/api/trainings/{second['id']}").json()["status"]["state"] == "waiting"
    assert client.delete(f"/api/trainings/{second['id']}").status_code == 200
    *_, stopped = follow(client, second["id"], ended)
    assert stopped["status"] == {"state": "failed", "reason": "stopped"}

    *snapshots, _ = follow(client, first["id"], lambda progress: len(progress["snapshots"]) >= 1)
    assert snapshots[0]["step"] == 0
    assert client.put(f"/api/trainings/{first['id']}/drawing", json={"pixels": pixels(bytes(784))}).status_code == 200
    *snapshots, done = follow(client, first["id"], ended)
    assert done["status"] == {"state": "finished", "reason": "time_limit"}
    steps = [snapshot["step"] for snapshot in snapshots]
    assert steps == sorted(set(steps))
    assert snapshots[-1]["losses"]["reconstruction"] < snapshots[0]["losses"]["reconstruction"]

    answer = client.get(f"/api/trainings/{first['id']}/weights")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert 'filename="mine-8-ema.zip"' in answer.headers["content-disposition"]
    (tmp_path / "model.zip").write_bytes(answer.content)
    with ZipFile(tmp_path / "model.zip") as archive:
        archive.extractall(tmp_path)
    _, card = load_weights(tmp_path / "mine-8-ema.safetensors")
    assert card.config.num_embeddings == 8


def test_too_many(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainings, "MAX_TRAININGS", 0)
    answer = make().post("/api/trainings", json=JOB)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"] == "1"


def test_it_is_off_unless_allowed(make: Make) -> None:
    client = make(training=False)
    assert client.get("/api/trainings").json()["hindrance"] == "off"
    assert client.post("/api/trainings/prepare").json()["hindrance"] == "off"
    answer = client.post("/api/trainings", json=JOB)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_training")
    assert "--training" in answer.json()["detail"]


@pytest.mark.parametrize(("hindrance", "advice"), [("pytorch", "pip install"), ("mnist", "--data-dir")])
def test_what_is_missing_is_named(
    make: Make, hindrance: str, advice: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = make()
    if hindrance == "pytorch":
        monkeypatch.setattr(trainings, "has_pytorch", lambda: False)
    else:
        monkeypatch.setenv("VQVAE_EXPLAINER_DATA_DIR", str(tmp_path))
    assert client.get("/api/trainings").json()["hindrance"] == hindrance
    answer = client.post("/api/trainings", json=JOB)
    assert answer.status_code == 403
    assert advice in answer.json()["detail"]


def test_bad_requests(make: Make) -> None:
    client = make()
    for change in ({"num_embeddings": 513}, {"num_embeddings": 1}, {"beta": -1}, {"codebook": "none"}, {"more": 1}):
        assert client.post("/api/trainings", json={**JOB, **change}).status_code == 422
    assert client.post("/api/trainings", json={"num_embeddings": 8}).status_code == 422
    assert client.get("/api/trainings/short").status_code == 422
    for answer in (
        client.get(f"/api/trainings/{UNKNOWN}"),
        client.get(f"/api/trainings/{UNKNOWN}/weights"),
        client.delete(f"/api/trainings/{UNKNOWN}"),
        client.put(f"/api/trainings/{UNKNOWN}/drawing", json={"pixels": JOB["pixels"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_training")
    foreign = {"origin": "http://other.example"}
    for method, path, body in (
        ("POST", "", JOB),
        ("POST", "/prepare", None),
        ("PUT", f"/{UNKNOWN}/drawing", {"pixels": JOB["pixels"]}),
        ("DELETE", f"/{UNKNOWN}", None),
    ):
        answer = client.request(method, f"/api/trainings{path}", json=body, headers=foreign)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")


def test_recorded_runs_are_named_by_their_codebook(make: Make) -> None:
    assert make().get("/api/trainings").json()["recorded"] == {"ema": "tiny"}


def test_what_has_ended_is_removed_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(trainings.subprocess, "Popen", Short)
    several = Trainings(Settings(training=True))
    kept, old = (several.start(SOME_JOB, bytes(784)) for _ in range(2))
    os.utime(old.path / "seen", (0, 0))
    several.start(SOME_JOB, bytes(784))
    left = {folder.id for folder in folders(tmp_path / "trainings")}
    assert kept.id in left
    assert old.id not in left
    assert several.find(kept.id) is not None
    assert several.find(UNKNOWN) is None


@pytest.mark.parametrize(
    ("address", "option", "variable", "expected"),
    [
        ("127.0.0.1", None, None, "True"),
        ("0.0.0.0", None, None, "False"),
        ("127.0.0.1", False, None, "False"),
        ("0.0.0.0", True, None, "True"),
        ("0.0.0.0", None, "true", "true"),
        ("127.0.0.1", None, "false", "false"),
        ("127.0.0.1", True, "false", "True"),
    ],
)
def test_who_decides(
    address: str, option: bool | None, variable: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(run.TRAINING, variable or "")
    if variable is None:
        monkeypatch.delenv(run.TRAINING)
    with run.listen(address, 0) as listener:
        run.allow_training(option, listener)
    assert os.environ[run.TRAINING] == expected


def processes_of(parent: int) -> list[int]:
    """The trainings' processes (Linux): those whose command names the module."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().split(b"\0")
            of = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"vqvae_explainer.lab.process" in command and of == parent:
            found.append(int(path.name))
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended; it may still wait for somebody to ask how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_end(pid: int) -> None:
    end = time.monotonic() + 20
    while not gone(pid):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.usefixtures("data_dir")
def test_a_training_ends_with_its_server(own_server: Server) -> None:
    with httpx.Client(base_url=own_server.url, timeout=60) as client:
        assert client.get("/api/trainings").json()["hindrance"] == ""
        started = client.post("/api/trainings", json=JOB)
        assert started.status_code == 201
    assert own_server._process is not None
    [pid] = processes_of(own_server._process.pid)
    own_server.terminate()
    await_end(pid)
    assert "Traceback" not in own_server.errors
