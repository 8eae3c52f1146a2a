"""Counters, gauges and histograms of all workers, and their text in Prometheus' form, summed.

The numbers lie in shared memory, so that whichever worker is asked answers for all of them and waits for no model.
A worker's numbers are written on its event loop only: two threads that add to one cell would lose additions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from model_images.serve.shared import Shared

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
ROWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0)
CONTRACTS = ("sagemaker", "vertex", "open_inference", "kubernetes", "aws_lambda", "none")
STATUSES = (200, 204, 400, 404, 405, 406, 408, 411, 413, 415, 422, 424, 429, 431, 499, 500, 501, 503, 504)

# What is counted, observed or set: the names of series, as others say them.
REQUEST_SECONDS = "model_request_seconds"
PREDICT_SECONDS = "model_predict_seconds"
BATCH_ROWS = "model_batch_rows"
ROWS_TOTAL = "model_rows_total"
REFUSED_ROWS = "model_refused_rows_total"
QUEUE_ROWS = "model_queue_rows"
CACHE_HIT = 'model_cache_total{result="hit"}'
CACHE_MISS = 'model_cache_total{result="miss"}'
CACHE_ERROR = 'model_cache_total{result="error"}'
CACHE_SKIPPED = 'model_cache_total{result="skipped"}'
CAPTURE_WRITTEN = 'model_capture_total{result="written"}'
CAPTURE_DROPPED = 'model_capture_total{result="dropped"}'
CAPTURE_FAILED = 'model_capture_total{result="failed"}'
FEATURES_FOUND = 'model_features_total{result="found"}'
FEATURES_MISSING = 'model_features_total{result="missing"}'
FEATURES_ERROR = 'model_features_total{result="error"}'
FEATURES_SECONDS = "model_features_seconds"
WARNED_SIZE = 'model_answer_warnings_total{reason="size"}'
WARNED_ATTRIBUTES = 'model_answer_warnings_total{reason="custom_attributes"}'


class Metric(NamedTuple):
    """One family: its kind, its help line, its series, and for a histogram the upper bounds of its buckets."""

    name: str
    kind: str
    help: str
    series: tuple[str, ...]
    bounds: tuple[float, ...] = ()


REQUEST_SERIES = {
    (contract, status): f'model_requests_total{{contract="{contract}",status="{status}"}}'
    for contract, status in product(CONTRACTS, (*STATUSES, 0))
}
FAMILIES = (
    Metric("model_requests_total", "counter", "Requests answered; status 0: any other", tuple(REQUEST_SERIES.values())),
    Metric(REQUEST_SECONDS, "histogram", "From the read request to its answer", (REQUEST_SECONDS,), SECONDS),
    Metric(PREDICT_SECONDS, "histogram", "Inside the model, a batch each", (PREDICT_SECONDS,), SECONDS),
    Metric(BATCH_ROWS, "histogram", "Rows that the model got at once", (BATCH_ROWS,), ROWS),
    Metric(ROWS_TOTAL, "counter", "Rows predicted", (ROWS_TOTAL,)),
    Metric(REFUSED_ROWS, "counter", "Rows that the schema or the model refused", (REFUSED_ROWS,)),
    Metric(QUEUE_ROWS, "gauge", "Rows that wait for the model", (QUEUE_ROWS,)),
    Metric(
        "model_cache_total", "counter", "Predictions looked up", (CACHE_HIT, CACHE_MISS, CACHE_ERROR, CACHE_SKIPPED)
    ),
    Metric(
        "model_features_total",
        "counter",
        "Keys of features looked up",
        (FEATURES_FOUND, FEATURES_MISSING, FEATURES_ERROR),
    ),
    Metric(FEATURES_SECONDS, "histogram", "A request's wait for its features", (FEATURES_SECONDS,), SECONDS),
    Metric("model_capture_total", "counter", "Captured requests", (CAPTURE_WRITTEN, CAPTURE_DROPPED, CAPTURE_FAILED)),
    Metric(
        "model_answer_warnings_total",
        "counter",
        "Answers that Vertex AI may not carry, or whose custom attributes no header can carry",
        (WARNED_SIZE, WARNED_ATTRIBUTES),
    ),
)


def _places() -> tuple[dict[str, int], int]:
    places: dict[str, int] = {}
    after = 0
    for family in FAMILIES:
        for series in family.series:
            places[series] = after
            # A histogram: a count a bucket, one for what is above all bounds, and the sum.
            after += len(family.bounds) + 2 if family.bounds else 1
    return places, after


PLACES, VALUES = _places()
BOUNDS = {family.name: family.bounds for family in FAMILIES if family.bounds}


class Metrics:
    """One worker's hand on the numbers. `worker` says which slot of `shared` it writes; it reads all."""

    def __init__(self, shared: Shared, worker: int) -> None:
        self._shared = shared
        self._cells = shared.cells
        first = shared.first_value(worker)
        self._at = {series: first + place for series, place in PLACES.items()}
        self._requests = {key: self._at[series] for key, series in REQUEST_SERIES.items()}

    @classmethod
    def alone(cls) -> Metrics:
        """Numbers of a single process, for example on Lambda or in a test."""
        return cls(Shared(1, VALUES), 0)

    def count(self, series: str, amount: float = 1.0) -> None:
        """Adds to a counter."""
        self._cells[self._at[series]] += amount

    def count_request(self, contract: str, status: int) -> None:
        place = self._requests.get((contract, status))
        self._cells[self._requests[contract, 0] if place is None else place] += 1.0

    def set(self, series: str, value: float) -> None:
        """Sets a gauge; the sum over the workers is told."""
        self._cells[self._at[series]] = value

    def observe(self, name: str, value: float) -> None:
        """Adds an observation to a histogram."""
        bounds = BOUNDS[name]
        first = self._at[name]
        cells = self._cells
        cells[first + bisect_left(bounds, value)] += 1.0
        cells[first + len(bounds) + 1] += value

    def total(self, series: str) -> float:
        """A counter's or gauge's value over all workers."""
        return self._sum(PLACES[series])

    def text(self, name: str, version: str, digest: str) -> bytes:
        """All numbers in Prometheus' text form 0.0.4; series of requests that never came are left out."""
        shared = self._shared
        lines = [line for family in FAMILIES for line in self._family(family)]
        lines += _single("model_workers_ready", "gauge", "Workers that are warm", str(shared.workers_ready()))
        lines += _single("model_worker_restarts_total", "counter", "Workers replaced", str(shared.restarts()))
        lines += _single("model_info", "gauge", "The model that is served", "1")
        lines[-1] = f'model_info{{name="{name}",version="{version}",digest="{digest}"}} 1'
        return "\n".join([*lines, ""]).encode()

    def _family(self, family: Metric) -> Iterator[str]:
        yield f"# HELP {family.name} {family.help}"
        yield f"# TYPE {family.name} {family.kind}"
        for series in family.series:
            place = PLACES[series]
            if not family.bounds:
                value = self._sum(place)
                if value or family.name != "model_requests_total":
                    yield f"{series} {value:.17g}"
                continue
            seen = 0.0
            for offset, bound in enumerate(family.bounds):
                seen += self._sum(place + offset)
                yield f'{series}_bucket{{le="{bound:g}"}} {seen:.17g}'
            seen += self._sum(place + len(family.bounds))
            yield f'{series}_bucket{{le="+Inf"}} {seen:.17g}'
            yield f"{series}_sum {self._sum(place + len(family.bounds) + 1):.17g}"
            yield f"{series}_count {seen:.17g}"

    def _sum(self, place: int) -> float:
        shared = self._shared
        return sum(self._cells[shared.first_value(worker) + place] for worker in range(shared.workers))


def _single(name: str, kind: str, means: str, value: str) -> list[str]:
    return [f"# HELP {name} {means}", f"# TYPE {name} {kind}", f"{name} {value}"]
