"""The worker of a stream, its real code: against moto's Kinesis and SQS, and servers that answer like each target."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from components.stream_worker.worker import handler
from components.stream_worker.worker.handler import BatchFailedError, handle
from components.stream_worker.worker.outputs import DeadLetters, Kinesis
from components.stream_worker.worker.records import failures, read
from components.stream_worker.worker.targets import Endpoint, Function, Server, Target
from components.stream_worker.worker.work import Worker
from tests.components.stream_worker.streams import SHARD, Answers, Faulty, doubled, kinesis_event, serving

REGION = "eu-west-1"
ONCE = Config(retries={"total_max_attempts": 1})


@dataclass
class Around:
    """What stands around a worker."""

    kinesis: Any
    sqs: Any
    stream: str
    queue: str
    answers: Answers

    def worker(self, target: Target | None = None, rows: int = 10, kinesis: Any = None) -> Worker:
        return Worker(
            model="churn",
            target=target or Server(self.answers.url, 5),
            output=Kinesis(kinesis or self.kinesis, self.stream),
            dead_letters=DeadLetters(self.sqs, self.queue),
            rows=rows,
        )

    def published(self) -> list[tuple[str, Any]]:
        """Key and message of each record in the stream, in order."""
        found = self.kinesis.get_shard_iterator(StreamName="scores", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        records = self.kinesis.get_records(ShardIterator=found)["Records"]
        return [(record["PartitionKey"], json.loads(record["Data"])) for record in records]

    def predictions(self) -> dict[str, Any]:
        return {message["id"].rpartition(":")[2]: message["prediction"] for _, message in self.published()}

    def letters(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return sorted(found, key=lambda letter: letter["id"])


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Iterator[Around]:
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    with mock_aws(config={"core": {"mock_credentials": False, "passthrough": {"urls": [r"http://127\.0\.0\.1:.*"]}}}):
        kinesis, sqs = boto3.client("kinesis", REGION), boto3.client("sqs", REGION)
        kinesis.create_stream(StreamName="scores", ShardCount=1)
        stream = kinesis.describe_stream_summary(StreamName="scores")["StreamDescriptionSummary"]["StreamARN"]
        queue = sqs.create_queue(QueueName="dead")["QueueUrl"]
        with serving(Answers()) as answers:
            yield Around(kinesis, sqs, stream, queue, answers)


def rows(*values: Any) -> list[bytes]:
    return [json.dumps([value]).encode() for value in values]


def work(worker: Worker, event: Mapping[str, Any], seconds: float = 0.0) -> list[str]:
    """The handles of what must come again."""
    again = worker.work(read(event), lambda: seconds)
    return [item["itemIdentifier"] for item in failures(again)["batchItemFailures"]]


def test_each_record_is_predicted_and_published_under_its_own_key(around: Around) -> None:
    assert work(around.worker(), kinesis_event(rows(1, 2, 3), ["a", "b", "a"])) == []
    assert around.published() == [
        ("a", {"id": f"{SHARD}:100", "model": "churn", "prediction": 2}),
        ("b", {"id": f"{SHARD}:101", "model": "churn", "prediction": 4}),
        ("a", {"id": f"{SHARD}:102", "model": "churn", "prediction": 6}),
    ]


def test_rows_go_to_the_target_together(around: Around) -> None:
    work(around.worker(rows=2), kinesis_event(rows(1, 2, 3)))
    assert around.answers.asked == [[[1], [2]], [[3]]]
    assert set(around.answers.paths) == {"/invocations"}


def test_the_order_of_a_key_is_kept_though_the_stream_refuses_some(around: Around) -> None:
    refusals = iter([True, False, False, True, False, False, False, False])
    faulty = Faulty(around.kinesis, lambda _record: next(refusals, False))
    assert work(around.worker(kinesis=faulty), kinesis_event(rows(1, 2, 3, 4), ["a", "a", "b", "a"]), 30) == []
    of_a = [message["prediction"] for key, message in around.published() if key == "a"]
    assert of_a == [2, 4, 8]
    assert around.predictions() == {"100": 2, "101": 4, "102": 6, "103": 8}
    assert all(len(set(call)) == len(call) for call in faulty.calls)  # never two of one key under way


def test_what_the_stream_does_not_take_in_time_comes_again_and_nothing_of_its_key_overtakes(around: Around) -> None:
    faulty = Faulty(around.kinesis, lambda record: record["PartitionKey"] == "a")
    event = kinesis_event(rows(1, 2, 3, 4), ["b", "a", "c", "a"])
    assert work(around.worker(kinesis=faulty), event) == ["101"]
    assert around.predictions() == {"100": 2, "102": 6}


def test_a_stream_that_fails_altogether_gives_the_batch_back(around: Around) -> None:
    around.kinesis.delete_stream(StreamName="scores")
    assert work(around.worker(), kinesis_event(rows(1, 2))) == ["100"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"7", b"[NaN]", b"[" * 100_000])
def test_an_unreadable_record_is_a_dead_letter_with_its_place_and_the_others_go_on(around: Around, body: bytes) -> None:
    assert work(around.worker(), kinesis_event([*rows(1), body, *rows(3)])) == []
    assert around.predictions() == {"100": 2, "102": 6}
    (letter,) = around.letters()
    assert (letter["id"], letter["key"], letter["model"]) == (f"{SHARD}:101", "key-1", "churn")
    assert letter["why"].startswith("unreadable: ")
    assert len(letter["why"].splitlines()) == 1


def test_a_dead_letter_holds_the_record_so_that_it_can_be_sent_again(around: Around) -> None:
    work(around.worker(), kinesis_event([b"{no", b"\xff\x00"]))
    assert [letter["body"] for letter in around.letters()] == ["{no", "base64:/wA="]


def test_a_record_too_long_for_the_queue_is_named_by_its_place(around: Around) -> None:
    work(around.worker(), kinesis_event([b'"' + b"x" * 300_000 + b'"']))
    (letter,) = around.letters()
    assert (letter["id"], letter["body"]) == (f"{SHARD}:100", "")
    assert "stands in the stream" in letter["left_out"]


def test_a_row_that_the_model_refuses_is_found_among_the_others(around: Around) -> None:
    assert work(around.worker(), kinesis_event(rows(1, 2, "x", 4, 5))) == []
    assert around.predictions() == {"100": 2, "101": 4, "103": 8, "104": 10}
    (letter,) = around.letters()
    assert (letter["id"], letter["body"]) == (f"{SHARD}:102", '["x"]')
    assert letter["why"].startswith("refused: status 422")


def test_a_row_that_breaks_the_model_alone_is_a_dead_letter(around: Around) -> None:
    assert work(around.worker(), kinesis_event(rows(1, -2, 3))) == []
    assert around.predictions() == {"100": 2, "102": 6}
    assert around.letters()[0]["why"].startswith("broken: status 500")


def test_a_model_that_answers_nothing_at_all_buries_no_record(around: Around) -> None:
    around.answers.rule = lambda _rows: (500, {"error": "the model failed"})
    assert work(around.worker(), kinesis_event(rows(1, 2, 3))) == ["100"]
    assert (around.letters(), around.published()) == ([], [])


def test_while_the_target_is_busy_the_batch_waits_and_goes_on(around: Around) -> None:
    busy = iter([503, 429])
    around.answers.rule = lambda rows: (status, {"error": "busy"}) if (status := next(busy, 0)) else doubled(rows)
    assert work(around.worker(), kinesis_event(rows(1)), seconds=10) == []
    assert around.predictions() == {"100": 2}


def test_a_target_that_stays_away_gives_back_what_it_did_not_answer_and_no_more(around: Around) -> None:
    around.answers.rule = lambda rows: (503, {"error": "away"}) if rows[0][0] > 2 else doubled(rows)
    assert work(around.worker(rows=1), kinesis_event(rows(1, 2, 3, 4))) == ["102"]
    assert around.predictions() == {"100": 2, "101": 4}
    assert around.letters() == []


def test_behind_what_comes_again_no_dead_letter_is_sent_twice(around: Around) -> None:
    around.answers.rule = lambda _rows: (503, {"error": "away"})
    assert work(around.worker(), kinesis_event([b"{early", *rows(1), b"{late"])) == ["101"]
    assert [letter["id"] for letter in around.letters()] == [f"{SHARD}:100"]


def test_a_target_that_nobody_runs_is_no_records_fault(around: Around) -> None:
    assert work(around.worker(Server("http://127.0.0.1:9", 1)), kinesis_event(rows(1))) == ["100"]
    assert around.letters() == []


def test_without_the_queue_nothing_counts_as_done(around: Around) -> None:
    around.sqs.delete_queue(QueueUrl=around.queue)
    assert work(around.worker(), kinesis_event([*rows(1), b"{"])) == ["100"]


def test_an_answer_with_too_few_predictions_is_never_published(around: Around) -> None:
    around.answers.rule = lambda rows: (200, {"predictions": [0] * (len(rows) - 1)})
    assert work(around.worker(), kinesis_event(rows(1, 2))) == ["100"]
    assert around.published() == []


@pytest.mark.parametrize("kind", ["endpoint", "function"])
def test_a_managed_target_is_asked_and_judged_in_the_same_way(around: Around, kind: str) -> None:
    target: Target
    if kind == "endpoint":
        target = Endpoint(
            boto3.client("sagemaker-runtime", REGION, endpoint_url=around.answers.url, config=ONCE), "churn"
        )
    else:
        alias = "arn:aws:lambda:eu-west-1:123456789012:function:churn:live"
        target = Function(boto3.client("lambda", REGION, endpoint_url=around.answers.url, config=ONCE), alias)
    assert work(around.worker(target), kinesis_event(rows(1, "x", -3, 4))) == []
    assert around.predictions() == {"100": 2, "103": 8}
    assert [letter["why"].split(":")[0] for letter in around.letters()] == ["refused", "broken"]
    around.answers.rule = lambda _rows: (503, {"error": "busy"})
    assert work(around.worker(target), kinesis_event(rows(1))) == ["100"]


@dataclass
class Ended:
    """Lambda's context with this much time left."""

    milliseconds: int = 6000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def configured(around: Around, monkeypatch: pytest.MonkeyPatch) -> Iterator[Around]:
    environment = {
        "MODEL": "churn",
        "TARGET": json.dumps({"kind": "server", "url": around.answers.url}),
        "TARGET_TIMEOUT_S": "5",
        "OUTPUT": json.dumps({"kind": "kinesis", "arn": around.stream}),
        "DEAD_LETTERS": around.queue,
        "ROWS": "10",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    handler.opened.cache_clear()
    yield around
    handler.opened.cache_clear()


def test_lambda_is_told_in_its_own_form_what_comes_again(configured: Around) -> None:
    assert handle(kinesis_event(rows(1, "x")), Ended()) == {"batchItemFailures": []}
    configured.answers.rule = lambda _rows: (503, {"error": "away"})
    assert handle(kinesis_event(rows(1)), Ended()) == {"batchItemFailures": [{"itemIdentifier": "100"}]}


def test_kafkas_records_are_read_and_a_failed_batch_comes_again_as_a_whole(configured: Around) -> None:
    event = {
        "eventSource": "aws:kafka",
        "records": {
            "calls-0": [{"topic": "calls", "partition": 0, "offset": 15, "key": "YQ==", "value": "WzFd"}],
            "calls-1": [{"topic": "calls", "partition": 1, "offset": 7, "value": "WzJd"}],
        },
    }
    keyless = {**event["records"]["calls-1"][0], "key": "Yg=="}
    event["records"]["calls-1"] = [keyless]
    assert handle(event, Ended()) == {"batchItemFailures": []}
    assert configured.published()[0] == ("a", {"id": "calls-0:15", "model": "churn", "prediction": 2})
    configured.answers.rule = lambda _rows: (503, {"error": "away"})
    with pytest.raises(BatchFailedError, match="calls-0:15, calls-1:7"):
        handle(event, Ended())


def test_an_event_of_another_kind_is_an_error_and_no_success(configured: Around) -> None:
    with pytest.raises(ValueError, match="neither Records nor records"):
        handle({"detail": {}}, Ended())
