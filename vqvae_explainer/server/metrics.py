"""Counters of the server, for Prometheus."""

import os
from functools import cache

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus-client: where workers share their counts
BATCHES = (1, 2, 3, 4, 6, 8)
SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.125, 0.25, 0.5, 1, 2, 4)


class ServerMetrics:
    """Counters of one application; with several workers, `text` gives the sums over all of them."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        name = "vqvae_explainer"
        self.frames = Counter(f"{name}_frames", "Answers sent over the stream.", ["type"], registry=registry)
        self.seconds = Histogram(
            f"{name}_answer_seconds",
            "Time from the arrival of a message of the stream to its answer.",
            ["type"],
            registry=registry,
            buckets=SECONDS,
        )
        self.batches = Histogram(
            f"{name}_batch_size", "Requests that ran through a model in one batch.", registry=registry, buckets=BATCHES
        )
        self.skipped = Counter(f"{name}_skipped", "Messages replaced by newer ones.", registry=registry)
        self.errors = Counter(f"{name}_errors", "Messages answered by an error, by code.", ["code"], registry=registry)
        self.refused = Counter(f"{name}_refused_clients", "Clients refused, by reason.", ["reason"], registry=registry)
        self.clients = Gauge(
            f"{name}_clients", "Connected clients of the stream.", registry=registry, multiprocess_mode="livesum"
        )

    def answered(self, type: str, seconds: float) -> None:
        frames, histogram = self._answered(type)
        frames.inc()
        histogram.observe(seconds)

    @cache  # noqa: B019 - a few types, and one instance for each application
    def _answered(self, type: str) -> tuple[Counter, Histogram]:
        return self.frames.labels(type), self.seconds.labels(type)

    def text(self) -> bytes:
        """All counters in Prometheus' text format."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        all_workers = CollectorRegistry()
        MultiProcessCollector(all_workers)  # type: ignore[no-untyped-call]
        return generate_latest(all_workers)


def add_metrics(app: FastAPI, metrics: ServerMetrics) -> None:

    @app.get("/metrics", include_in_schema=False)
    async def get_metrics() -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})
