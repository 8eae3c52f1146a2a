"""An invocation of the fraud sample, as SageMaker sends it."""

from __future__ import annotations

import json

from tests.model_images.live import LiveServer, Reply

ROW = [129.9, 3, True]
JSON_BODY = json.dumps({"instances": [ROW]})


def invoke(server: LiveServer, body: str | bytes, content_type: str = "", accept: str = "", **more: str) -> Reply:
    headers = {"content-type": content_type, "accept": accept} | {k.replace("_", "-"): v for k, v in more.items()}
    return server.ask("POST", "/invocations", body, {name: value for name, value in headers.items() if value})
