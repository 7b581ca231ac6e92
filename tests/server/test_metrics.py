"""What Prometheus is told, and the log."""

import json
import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.logs import JsonFormatter
from vqvae_explainer.server.settings import Settings


def samples(url: str) -> dict[str, float]:
    """All samples by name and labels."""
    answer = httpx.get(f"{url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {
        f"{sample.name} {' '.join(sample.labels.values())}".strip(): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_tell_what_happened(
    weights_dir: Path,
    serve_here: Callable[[FastAPI], AbstractContextManager[str]],
    connect_to: Any,
    drawings: list[bytes],
) -> None:
    with serve_here(create_app(Settings(weights=weights_dir))) as url:
        before = samples(url)
        assert before["vqvae_explainer_clients"] == 0
        assert "vqvae_explainer_frames_total trace" not in before
        with connect_to(url) as client:
            for seq in range(5):
                client.ask(seq, drawings[seq])
            for _ in range(2):
                client.ask(1, drawings[0], type="backward")
            for _ in range(3):
                client.connection.send("{")
                client.receive()
            for seq in range(100):
                client.send(seq, drawings[0], stages=[])
            answered = 1
            while client.receive()["seq"] != 99:
                answered += 1
            after = samples(url)
    assert after["vqvae_explainer_clients"] == 1
    assert after["vqvae_explainer_frames_total trace"] == 5 + answered
    assert after["vqvae_explainer_frames_total backward"] == 2
    assert after["vqvae_explainer_skipped_total"] == 100 - answered
    assert after["vqvae_explainer_errors_total not_json"] == 3
    assert after["vqvae_explainer_batch_size_count"] == after["vqvae_explainer_batch_size_sum"] == 7 + answered
    assert after["vqvae_explainer_answer_seconds_count trace"] == 5 + answered
    assert 0 < after["vqvae_explainer_answer_seconds_sum trace"] < 60


def test_a_record_is_a_line_of_json() -> None:
    record = logging.makeLogRecord(
        {"msg": "two\nlines of %s", "args": ("é",), "levelname": "INFO", "created": 0.0, "fields": {"frames": 3}}
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    content = json.loads(line)
    assert (content["message"], content["level"], content["frames"]) == ("two\nlines of é", "info", 3)
    assert content["time"].startswith(("1970-01-01", "1969-12-31"))


def test_a_traceback_is_kept_in_the_line() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    content = json.loads(JsonFormatter().format(record))
    assert "ValueError: why" in content["traceback"]
