"""What the server counts, in the format of Prometheus."""

import os
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own variable: where workers put their counts together
BATCHES = (1, 2, 3, 4, 6, 8)
SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.125, 0.25, 0.5, 1, 2, 4)


class ServerMetrics:
    """Counters of one application; with several workers, `text` tells the sums over all of them."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        name = "vqvae_explainer"
        self.frames = Counter(f"{name}_frames", "Answers sent over the stream.", ["type"], registry=registry)
        self.seconds = Histogram(
            f"{name}_answer_seconds",
            "From the arrival of a message of the stream to its answer.",
            ["type"],
            registry=registry,
            buckets=SECONDS,
        )
        self.batches = Histogram(
            f"{name}_batch_size", "Requests that ran through a model together.", registry=registry, buckets=BATCHES
        )
        self.skipped = Counter(f"{name}_skipped", "Messages that a newer one overtook.", registry=registry)
        self.errors = Counter(f"{name}_errors", "Messages not answered, by code.", ["code"], registry=registry)
        self.refused = Counter(f"{name}_refused_clients", "Clients not let in.", ["reason"], registry=registry)
        self.clients = Gauge(
            f"{name}_clients", "Clients of the stream.", registry=registry, multiprocess_mode="livesum"
        )

    def answered(self, type: str, seconds: float) -> None:
        """Count an answer to a message of a type."""
        frames, histogram = self._answered(type)
        frames.inc()
        histogram.observe(seconds)

    @cache  # noqa: B019 - three types, and one instance for each application
    def _answered(self, type: str) -> tuple[Counter, Histogram]:
        return self.frames.labels(type), self.seconds.labels(type)

    def text(self) -> bytes:
        """All counts as text."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)
