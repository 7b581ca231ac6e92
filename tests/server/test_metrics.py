"""Counters for Prometheus."""

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings

from .streaming import connected, serving


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


def test_counters(weights_dir: Path, drawings: list[bytes]) -> None:
    with serving(create_app(Settings(weights=weights_dir))) as url:
        before = samples(url)
        assert before["vqvae_explainer_clients"] == 0
        assert "vqvae_explainer_frames_total trace" not in before
        with connected(url) as client:
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
