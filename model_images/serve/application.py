"""One application for all contracts: finds the handler of a request, names and counts it, turns refusals into answers.

Without a framework: this costs a few microseconds a request, where a framework costs more than a small model.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Mapping
from itertools import count
from typing import NamedTuple

from model_images.contracts import prefixes, routes
from model_images.serve.messages import TEXT, Answer, Refused, Request, refusal
from model_images.serve.metrics import REFUSED_ROWS, REQUEST_SECONDS
from model_images.serve.rows import MODEL_ERRORS
from model_images.serve.served import Handler, Served

# A client that names its request gets that name as prediction id. SageMaker lets no other header through.
CLIENT_IDS = (b"x-amzn-sagemaker-inference-id", b"x-request-id")
CLIENT_ID = re.compile(rb"[\x21-\x7e]{1,128}")
LOG = logging.getLogger("model_images.serve")


class Route(NamedTuple):
    handler: Handler
    contract: str


class Application:
    """Answers requests to one served model."""

    def __init__(self, served: Served, environ: Mapping[str, str]) -> None:
        self._served = served
        self._routes, self._prefixes = _table(served, environ)
        # Unique over workers, restarts and machines, and far cheaper than a UUID a request.
        self._begin = os.urandom(8).hex()
        self._counter = count(1)
        self._metrics = served.metrics
        self._spent = served.inference.spent

    def request_id(self, headers: Mapping[bytes, bytes]) -> str:
        """The client's name for the request, else a new one."""
        for name in CLIENT_IDS:
            given = headers.get(name)
            if given is not None and CLIENT_ID.fullmatch(given):
                return given.decode("ascii")
        return f"{self._begin}{next(self._counter):08x}"

    async def answer(self, request: Request) -> Answer:
        """The answer to a whole request, also where it is refused or the model fails. Counts it."""
        began = time.monotonic()
        contract, status = "none", 500
        try:
            while request.body and self._spent():  # before it is read; probes do not wait
                await asyncio.sleep(0)
            handler, contract = self._route(request.method, request.path)
            if b"content-encoding" in request.headers:
                _check_encoding(request)
            answer = await handler(request)
            status = answer.status
        except Refused as refused:
            answer = refusal(refused)
            status = refused.status
            if status == 422:
                self._metrics.count(REFUSED_ROWS)  # a request is refused for the first such row
            elif status == 405:
                answer.headers = ((b"allow", ", ".join(self._methods(request.path)).encode()),)
        except MODEL_ERRORS:
            LOG.exception("prediction id %s: the model failed", request.id)
            answer = refusal(Refused(500, f"the model failed; prediction id {request.id}"))
        except asyncio.CancelledError:
            status = 499  # the client went away
            raise
        finally:
            self._metrics.count_request(contract, status)
            self._metrics.observe(REQUEST_SECONDS, time.monotonic() - began)
        return answer

    def refuse(self, status: int, message: str) -> Answer:
        """The answer to what is not even a request. Counts it."""
        self._metrics.count_request("none", status)
        return refusal(Refused(status, message))

    def _route(self, method: str, path: str) -> Route:
        methods = self._routes.get(path) or self._below_prefix(path)
        if methods is None:
            raise Refused(404, f"path: got {path!r:.120}; allowed: the paths in /openapi.json")
        route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if route is None:
            raise Refused(405, f"method: got {method:.20} for {path:.120}; allowed: {', '.join(self._methods(path))}")
        return route

    def _below_prefix(self, path: str) -> Mapping[str, Route] | None:
        return next((methods for prefix, methods in self._prefixes if path.startswith(prefix)), None)

    def _methods(self, path: str) -> list[str]:
        methods = self._routes.get(path) or self._below_prefix(path) or {}
        return sorted({*methods, "HEAD"} if "GET" in methods else methods)


def _check_encoding(request: Request) -> None:
    encoding = request.header(b"content-encoding")
    if encoding.strip().lower() not in {"", "identity"}:
        raise Refused(415, f"Content-Encoding: got {encoding!r:.40}; allowed: none; send the body as it is")


def _table(
    served: Served, environ: Mapping[str, str]
) -> tuple[dict[str, dict[str, Route]], list[tuple[str, dict[str, Route]]]]:
    """Routes by path and method, and those by prefix, the longest prefix first."""
    exact: dict[str, dict[str, Route]] = {}
    below: dict[str, dict[str, Route]] = {}
    for table, contracts in ((exact, routes(served, environ)), (below, prefixes(served))):
        for contract, found in contracts.items():
            for (method, path), handler in found.items():
                table.setdefault(path, {})[method] = Route(handler, contract)
    return exact, sorted(below.items(), key=lambda entry: -len(entry[0]))


class Starting:
    """Stands in for the application while the model is being loaded: alive, not ready."""

    async def answer(self, request: Request) -> Answer:
        if request.method in {"GET", "HEAD"}:
            if request.path == "/livez":
                return Answer(200, b"ok\n", TEXT)
            if request.path == "/v2/health/live":
                return Answer(200, b'{"live":true}')
        return self.refuse(503, "the model is being loaded; ask again in a moment")

    def request_id(self, headers: Mapping[bytes, bytes]) -> str:  # noqa: ARG002  the application's signature
        return "0"

    def refuse(self, status: int, message: str) -> Answer:
        return refusal(Refused(status, message))
