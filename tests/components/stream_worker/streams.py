"""A stream, a queue and a target for the worker: moto's Kinesis and SQS, and a server that answers by a rule."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SHARD = "shardId-000000000000"
Rule = Callable[[list[Any]], tuple[int, Any]]


def doubled(rows: list[Any]) -> tuple[int, Any]:
    """The model of these tests: twice the first value; a text is refused, a negative number breaks the model."""
    if any(not isinstance(row[0], int) for row in rows):
        return 422, {"error": "instances[0]: allowed: a number"}
    if any(row[0] < 0 for row in rows):
        return 500, {"error": "the model failed"}
    return 200, {"predictions": [2 * row[0] for row in rows]}


@dataclass
class Answers:
    """A server: `asked` are the rows of each request, `rule` answers them."""

    rule: Rule = doubled
    url: str = ""
    asked: list[list[Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        rows = json.loads(body)["instances"]
        self.asked.append(rows)
        self.paths.append(path)
        status, answer = self.rule(rows)
        if path.startswith("/endpoints/") and status != 200:
            told = {"OriginalStatusCode": status, "OriginalMessage": json.dumps(answer), "Message": "model error"}
            return 424, {"x-amzn-errortype": "ModelError"}, json.dumps(told).encode()
        if path.startswith("/2015-03-31/functions/") and status != 200:
            kind = {422: "Request.RowRefused", 500: "Model.Failed", 503: "Server.Busy"}[status]
            told = {"errorType": kind, "errorMessage": answer["error"]}
            return 200, {"x-amz-function-error": "Unhandled"}, json.dumps(told).encode()
        return status, {}, json.dumps(answer).encode()


@contextmanager
def serving(answers: Answers) -> Iterator[Answers]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers, payload = answers.take(self.path, body)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(payload)), "connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    answers.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def kinesis_event(bodies: Sequence[bytes], keys: Sequence[str] | None = None) -> dict[str, Any]:
    """An event as Lambda makes it of a shard's records; sequence numbers are 100, 101, ..."""
    return {
        "Records": [
            {
                "eventID": f"{SHARD}:{100 + place}",
                "eventSource": "aws:kinesis",
                "kinesis": {
                    "data": base64.b64encode(body).decode(),
                    "partitionKey": keys[place] if keys else f"key-{place}",
                    "sequenceNumber": str(100 + place),
                },
            }
            for place, body in enumerate(bodies)
        ]
    }


class Faulty:
    """A client of Kinesis whose `put_records` refuses by a rule, as a stream does that is written too fast."""

    def __init__(self, client: Any, refuses: Callable[[dict[str, Any]], bool]) -> None:
        self._client, self._refuses = client, refuses
        self.calls: list[list[str]] = []

    def put_records(self, StreamARN: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.calls.append([record["PartitionKey"] for record in Records])
        refused = [self._refuses(record) for record in Records]
        taken = [record for record, no in zip(Records, refused, strict=True) if not no]
        told = iter(self._client.put_records(StreamARN=StreamARN, Records=taken)["Records"] if taken else [])
        error = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "too fast"}
        return {"FailedRecordCount": sum(refused), "Records": [error if no else next(told) for no in refused]}
