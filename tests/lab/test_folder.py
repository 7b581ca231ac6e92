"""The folder of a training: whether its process lives, whose turn it is, what has been reported."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vqvae_explainer.lab.folder import MAX_READ, Status, TrainingFolder, folders, turn
from vqvae_explainer.lab.job import Job, make_config

JOB = Job(config=make_config(20, 0.75, "ema"), seconds=1, megabytes=2048)

Start = Callable[[], tuple[TrainingFolder, subprocess.Popen[bytes]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process that waits, with the lock of a folder."""
    processes = []

    def start() -> tuple[TrainingFolder, subprocess.Popen[bytes]]:
        with TrainingFolder.create(tmp_path) as (folder, lock):
            command = [sys.executable, "-c", "input()"]
            processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[lock]))
        return folder, processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_the_lock_tells_whether_the_process_lives(start: Start) -> None:
    folder, process = start()
    assert folder.is_alive()
    assert folder.status() == Status(state="ready")
    assert folder.request(JOB)
    assert folder.status() == Status(state="waiting")
    process.kill()
    process.communicate()
    assert not folder.is_alive()
    assert folder.status() == Status(state="failed", reason="ended")


def test_a_last_word_outlives_the_process(start: Start) -> None:
    folder, process = start()
    folder.set_status("finished", "stopped")
    process.kill()
    process.communicate()
    assert folder.status() == Status(state="finished", reason="stopped")


def test_a_job_is_given_once(start: Start) -> None:
    folder, _ = start()
    assert folder.requested() == 0
    assert [folder.request(JOB), folder.request(JOB)] == [True, False]
    assert folder.job() == JOB
    assert folder.requested() > 0


def test_those_asked_earlier_come_first(start: Start, tmp_path: Path) -> None:
    (late, _), (first, process), (idle, _) = start(), start(), start()
    first.request(JOB)
    late.request(JOB)
    assert {folder.id for folder in folders(tmp_path)} == {late.id, first.id, idle.id}
    assert late.position() + first.position() == 1
    before, after = sorted((late, first), key=TrainingFolder.position)
    assert (before.requested(), before.id) < (after.requested(), after.id)
    assert first.requested() <= late.requested()
    first.stop()
    process.kill()
    process.communicate()
    assert late.position() == 0


def test_one_at_a_time(tmp_path: Path) -> None:
    with turn(tmp_path) as mine, turn(tmp_path) as others:
        assert (mine, others) == (True, False)
    with turn(tmp_path) as mine:
        assert mine


def test_snapshots_are_read_in_whole_lines(tmp_path: Path) -> None:
    folder = TrainingFolder(tmp_path)
    assert folder.read_snapshots(0) == (b"", 0)
    folder.add_snapshot('{"step":0}')
    assert folder.read_snapshots(0) == (b'{"step":0}\n', 11)
    with (tmp_path / "snapshots.jsonl").open("a") as file:
        file.write('{"st')
    assert folder.read_snapshots(11) == (b"", 11)
    line = "x" * 1000
    (tmp_path / "snapshots.jsonl").write_text(f"{line}\n" * 1000)
    read, end = folder.read_snapshots(0)
    assert MAX_READ - 1001 < end <= MAX_READ
    assert set(read.decode().split()) == {line}


def test_no_folder_no_trainings(tmp_path: Path) -> None:
    assert folders(tmp_path / "none") == []


@pytest.mark.parametrize("codebook", ["ema", "gradient", "frozen"])
def test_configurations_are_valid(codebook: str) -> None:
    config = make_config(512, 10, codebook)  # type: ignore[arg-type]
    assert (config.num_embeddings, config.beta, config.codebook) == (512, 10, codebook)
    assert config.name == f"mine-512-{codebook}"
