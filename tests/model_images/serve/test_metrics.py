"""Numbers of all workers in Prometheus' text form."""

from __future__ import annotations

import re

import pytest

from model_images.serve.metrics import (
    BATCH_ROWS,
    CACHE_HIT,
    FAMILIES,
    QUEUE_ROWS,
    REQUEST_SECONDS,
    ROWS_TOTAL,
    VALUES,
    Metrics,
)
from model_images.serve.shared import READY, Shared

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+')


def text(metrics: Metrics) -> str:
    return metrics.text("fraud", "1.2", "sha256:abc").decode()


def test_counters_are_summed_over_the_workers() -> None:
    shared = Shared(2, VALUES)
    first, second = Metrics(shared, 0), Metrics(shared, 1)
    first.count(ROWS_TOTAL, 5)
    second.count(ROWS_TOTAL, 2)
    second.count(CACHE_HIT)
    assert first.total(ROWS_TOTAL) == 7
    assert "\nmodel_rows_total 7\n" in text(first)
    assert '\nmodel_cache_total{result="hit"} 1\n' in text(first)


def test_gauges_are_set_and_summed() -> None:
    shared = Shared(2, VALUES)
    Metrics(shared, 0).set(QUEUE_ROWS, 4)
    Metrics(shared, 0).set(QUEUE_ROWS, 3)
    Metrics(shared, 1).set(QUEUE_ROWS, 1)
    assert "\nmodel_queue_rows 4\n" in text(Metrics(shared, 1))


def test_a_workers_successor_goes_on_with_its_numbers() -> None:
    shared = Shared(1, VALUES)
    Metrics(shared, 0).count(ROWS_TOTAL)
    Metrics(shared, 0).count(ROWS_TOTAL)
    assert Metrics(shared, 0).total(ROWS_TOTAL) == 2


def test_requests_are_counted_by_contract_and_status() -> None:
    metrics = Metrics.alone()
    metrics.count_request("vertex", 422)
    metrics.count_request("sagemaker", 299)
    lines = [line for line in text(metrics).splitlines() if line.startswith("model_requests_total")]
    assert lines == [
        'model_requests_total{contract="sagemaker",status="0"} 1',
        'model_requests_total{contract="vertex",status="422"} 1',
    ]


@pytest.mark.parametrize(("value", "first"), [(1.0, "1"), (1.5, "2"), (5000.0, "+Inf")])
def test_an_observation_counts_in_every_bucket_from_its_own_on(value: float, first: str) -> None:
    metrics = Metrics.alone()
    metrics.observe(BATCH_ROWS, value)
    counts = dict(re.findall(r'model_batch_rows_bucket\{le="([^"]+)"\} (\d+)', text(metrics)))
    bounds = list(counts)
    assert [counts[bound] for bound in bounds] == ["0"] * bounds.index(first) + ["1"] * (
        len(bounds) - bounds.index(first)
    )
    assert f"model_batch_rows_sum {value:g}\nmodel_batch_rows_count 1\n" in text(metrics)


def test_the_model_and_its_workers_are_told() -> None:
    shared = Shared(2, VALUES)
    shared.set_state(0, READY)
    shared.count_restart()
    told = text(Metrics(shared, 0))
    assert "\nmodel_workers_ready 1\n" in told
    assert "\nmodel_worker_restarts_total 1\n" in told
    assert '\nmodel_info{name="fraud",version="1.2",digest="sha256:abc"} 1\n' in told


def test_every_line_is_prometheus_text_and_every_family_is_described_once() -> None:
    metrics = Metrics.alone()
    metrics.observe(REQUEST_SECONDS, 0.01)
    lines = text(metrics).splitlines()
    assert [line for line in lines if not line.startswith("# ") and not LINE.fullmatch(line)] == []
    types = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(types) == len(set(types)) == len(FAMILIES) + 3
