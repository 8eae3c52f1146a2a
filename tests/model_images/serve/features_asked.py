"""A model in this process whose rows may leave out inputs, and the item that its table holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from model_images.serve.metrics import FEATURES_ERROR, FEATURES_FOUND, FEATURES_MISSING
from tests.model_images.serve.aws.aws_server import AwsServer, Written
from tests.model_images.served import InProcess, mixed_model

COMPLETE = {"amount": 1.5, "count": 2, "known": True, "country": "DE", "grid": [[1, 2], [3, 4]]}
ITEM: dict[str, Any] = {
    "customer": {"S": "c-1"},
    "amount": {"N": "3"},
    "count": {"N": "7"},
    "known": {"BOOL": True},
    "country": {"S": "FR"},
    "grid": {"L": [{"L": [{"N": "1"}, {"N": "20.5"}]}, {"L": [{"N": "3"}, {"N": "4"}]}]},
}


def environ_of(server: AwsServer | Written, **more: str) -> dict[str, str]:
    features = {"FEATURES_TABLE": "customers", "FEATURES_KEY": "customer", "FEATURES_TIMEOUT_S": "5"}
    return {**server.environ, **features, **more}


class Asked:
    """A model in this process whose features lie in `environ`'s table."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.model = InProcess(mixed_model(folder), environ)

    def post(self, *rows: Any, lines: bool = False) -> tuple[int, Any]:
        body = "\n".join(map(json.dumps, rows)) if lines else json.dumps({"instances": rows})
        kind = "application/jsonlines" if lines else "application/json"
        headers = {"content-type": kind, "accept": "application/json"}
        answer = self.model.ask("POST", "/invocations", body.encode(), headers)
        content = json.loads(answer.body)
        return answer.status, content["predictions"] if answer.status == 200 else content["error"]

    def counts(self) -> tuple[float, float, float]:
        total = self.model.served.metrics.total
        return total(FEATURES_FOUND), total(FEATURES_MISSING), total(FEATURES_ERROR)
