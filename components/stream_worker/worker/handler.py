"""What Lambda calls with each batch. Everything is in the environment; the first batch opens the connections.

MODEL          the model's name, for messages
TARGET         {"kind": "endpoint", "name": ...}, {"kind": "function", "arn": ...} or {"kind": "server", "url": ...}
OUTPUT         {"kind": "kinesis", "arn": ...}
DEAD_LETTERS   URL of an SQS queue
ROWS           rows that go to the target at once
TARGET_TIMEOUT_S
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

import boto3
from botocore.config import Config

from components.stream_worker.worker.kafka import Kafka, token
from components.stream_worker.worker.outputs import DeadLetters, Kinesis, Output
from components.stream_worker.worker.records import failures, read
from components.stream_worker.worker.targets import Endpoint, Function, Server, Target
from components.stream_worker.worker.work import Worker, report

LOG = logging.getLogger("homeport.stream_worker")
LOG.setLevel(logging.INFO)
_LEFT_FOR_THE_END_S = 5.0


class Context(Protocol):
    """Of Lambda's context what is used here."""

    def get_remaining_time_in_millis(self) -> int: ...


class BatchFailedError(Exception):
    """Kafka's batch comes again as a whole; the text names the first records that are not done."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Answers Lambda with the records that must come again."""

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 - _LEFT_FOR_THE_END_S

    again = opened().work(read(event), seconds_left)
    if again:
        LOG.warning("comes again from %s", ", ".join(report(again)))
    if again and "records" in event:
        # Of Kafka a batch may hold several partitions; a report that Lambda misreads counts as success, an error never.
        raise BatchFailedError(", ".join(report(again)))
    return failures(again)


@cache
def opened() -> Worker:
    """The worker of this environment."""
    environ = os.environ
    timeout_s = float(environ["TARGET_TIMEOUT_S"])
    return Worker(
        model=environ["MODEL"],
        target=target_of(json.loads(environ["TARGET"]), timeout_s),
        output=output_of(json.loads(environ["OUTPUT"])),
        dead_letters=DeadLetters(_client("sqs"), environ["DEAD_LETTERS"]),
        rows=int(environ["ROWS"]),
    )


def target_of(told: Mapping[str, str], timeout_s: float) -> Target:
    """The target that the environment names."""
    match told["kind"]:
        case "endpoint":
            return Endpoint(_client("sagemaker-runtime", timeout_s), told["name"])
        case "function":
            return Function(_client("lambda", timeout_s), told["arn"])
        case "server":
            return Server(told["url"], timeout_s)
        case other:
            raise ValueError(f"TARGET: got kind {other!r}; allowed: endpoint, function, server")


def output_of(told: Mapping[str, str]) -> Output:
    """The stream that the environment names."""
    match told["kind"]:
        case "kinesis":
            return Kinesis(_client("kinesis"), told["arn"])
        case "kafka":
            session = cast("Any", boto3.Session())
            region = str(session.region_name)

            def show() -> str:
                return token(session.get_credentials().get_frozen_credentials(), region)

            return Kafka(told["brokers"], told["topic"], show)
        case other:
            raise ValueError(f"OUTPUT: got kind {other!r}; allowed: kinesis, kafka")


def _client(service: str, timeout_s: float = 10.0) -> Any:
    """No tries of its own for what predicts: the worker decides what is tried again."""
    tries = {"mode": "standard", "total_max_attempts": 1 if service in ("sagemaker-runtime", "lambda") else 3}
    config = Config(read_timeout=timeout_s, connect_timeout=5, retries=tries)
    return cast("Any", boto3.client(service, config=config))  # pyright: ignore[reportUnknownMemberType]
