"""The page of the contracts names every route that the server answers, and every limit that stands in the code."""

from __future__ import annotations

import re

from model_images.contracts import routes, vertex
from model_images.contracts.lambda_events import ANSWER_LIMIT_BYTES
from model_images.serve.arrays import ROWS_LIMIT
from model_images.serve.settings import ServerSettings
from tests.model_images.live import ROOT
from tests.model_images.served import InProcess

PAGE = (ROOT / "docs/reference/contracts.md").read_text(encoding="utf-8")
ENVIRON = {"AIP_HEALTH_ROUTE": "/$AIP_HEALTH_ROUTE", "AIP_PREDICT_ROUTE": "/$AIP_PREDICT_ROUTE"}


def written(path: str, mixed: InProcess) -> str:
    """A path as the page writes it."""
    model = mixed.served.model
    short = path.replace(model.name, "NAME").removesuffix("/").replace(f"/versions/{model.version}", "[/versions/V]")
    named = re.sub(r"/NAME(?!\[)", "/NAME[/versions/V]", short)
    return named.removeprefix("/") if named.startswith("/$") else named


def test_every_route_is_on_the_page(mixed: InProcess) -> None:
    for found in routes(mixed.served, ENVIRON).values():
        for method, path in found:
            shown = written(path, mixed)
            assert f"`{method} {shown}`" in PAGE or (shown == "/models" and "`/models`" in PAGE), (method, path)


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    assert f"| body | {ServerSettings().body_limit_bytes:,} bytes |" in PAGE
    assert f"| rows a request | {ROWS_LIMIT:,} |" in PAGE
    assert f"| time | {ServerSettings().request_timeout_s:g} s |" in PAGE
    assert f"| Vertex AI shared endpoint | {vertex.SHARED_ENDPOINT_BYTES / 1e6:g} MB each way" in PAGE
    assert f"| Lambda, synchronous | {ANSWER_LIMIT_BYTES / 2**20:g} MB each way" in PAGE
