"""Metrics of a service, in the text format of Prometheus."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from .model_file import ModelFile
from .workers import Workers

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (
    *(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
)


class Metrics:
    """Counts and times of requests.

    Parameters
    ----------
    file : ModelFile
    workers : Workers
    """

    def __init__(self, file: ModelFile, workers: Workers) -> None:
        self.registry: Final = CollectorRegistry()
        registry = self.registry
        ProcessCollector(registry=registry)
        self.requests: Final = Counter(
            "jubako_requests", "Requests by path and status.", ["path", "status"], registry=registry
        )
        self.seconds: Final = Histogram(
            "jubako_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ["path"],
            buckets=SECONDS,
            registry=registry,
        )
        self.rows: Final = Counter("jubako_rows", "Rows that were predicted.", registry=registry)
        self.waiting: Final = Gauge(
            "jubako_waiting_requests", "Requests that wait or are predicted.", registry=registry
        )
        self.waiting.set_function(lambda: workers.n_waiting)
        self.loaded: Final = Gauge(
            "jubako_model_loaded_timestamp_seconds",
            "When the model was loaded.",
            registry=registry,
        )
        self.loaded.set_function(lambda: file.current.when.timestamp())
        self.reloads: Final = Gauge(
            "jubako_model_reloads",
            "Replacements of the file by result.",
            ["result"],
            registry=registry,
        )
        for result in file.n_reloads:
            self.reloads.labels(result).set_function(lambda result=result: file.n_reloads[result])

    def text(self) -> bytes:
        """Return all metrics."""
        return generate_latest(self.registry)
