"""The loops that ask AWS Lambda's Runtime API for events and answer them.

Each loop blocks in a thread of its own; predictions run on the one event loop, so that parallel invocations are batched
like any others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import CancelledError
from typing import Protocol

from model_images.contracts.lambda_events import ANSWER_LIMIT_BYTES, Event, error, error_of, read_event, write_answer
from model_images.contracts.lambda_runtime_api import Invocation, RuntimeApi, RuntimeApiError
from model_images.serve.messages import Answer, Refused, Request, refusal
from model_images.serve.rows import MODEL_ERRORS

# Lambda ends an environment at the deadline, so the answer that says so has to leave before it.
MARGIN_S = 0.2
# The core answers at the deadline by itself, unless it cannot.
GRACE_S = 0.02
LONGEST_INVOCATION_S = 900.0
LOG = logging.getLogger("model_images.serve")


class Answering(Protocol):
    """What the loops need of the application."""

    def request_id(self, headers: Mapping[bytes, bytes]) -> str:
        """The client's name for a request, else a new one."""
        ...

    async def answer(self, request: Request) -> Answer:
        """The answer to any request; refusals and failures are answers as well."""
        ...


class End:
    """Comes when Lambda ends the environment, or when the Runtime API fails: then `why` says how."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.why = ""
        self.loop = loop
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Until then."""
        await self._event.wait()

    def come(self, why: str = "") -> None:
        """From any thread; the first reason stays."""
        self.why = self.why or why
        with contextlib.suppress(RuntimeError):  # closed: it has come already
            self.loop.call_soon_threadsafe(self._event.set)


class Loops:
    """Asks for events and answers them, in `loops` threads. They are daemons: nothing else ends a wait for an event."""

    def __init__(self, application: Answering, runtime_api: str, end: End, *, loops: int, snapshot: bool) -> None:
        self._application = application
        self._runtime_api = runtime_api
        self._end = end
        self._loops = 1 if snapshot else loops
        self._snapshot = snapshot

    def start(self) -> None:
        for number in range(self._loops):
            threading.Thread(target=self._run, name=f"invocations-{number}", daemon=True).start()

    def _run(self) -> None:
        api = RuntimeApi(self._runtime_api)
        try:
            if self._snapshot:
                api.wait_restored()
                # Environments restored from one snapshot would draw the same numbers.
                random.seed()
            while True:
                self._answer(api, api.next())
        except RuntimeApiError as failure:
            self._end.come(f"Lambda's Runtime API: {failure}")
        except MODEL_ERRORS as failure:
            # A loop that ended unseen would leave Lambda waiting.
            self._end.come(f"the loop failed: {type(failure).__name__}: {failure}")

    def _answer(self, api: RuntimeApi, invocation: Invocation) -> None:
        if self._loops == 1:
            # Where the AWS SDK and tracing libraries look for it; parallel invocations have no such place.
            os.environ["_X_AMZN_TRACE_ID"] = invocation.trace_id
        try:
            event = self._event(invocation)
            answer = self._asked(event.request)
        except Refused as refused:
            api.fail(invocation.id, *error(refused.status, refused.message))
            return
        except (*MODEL_ERRORS, CancelledError) as failure:
            # The application answers its own failures: this one is ours, or the process is at its end.
            LOG.error("invocation %s: %s", invocation.id, failure or type(failure).__name__)
            api.fail(invocation.id, *error(500, f"the server failed; invocation {invocation.id}"))
            return
        if event.sender == "direct" and answer.status >= 400:
            api.fail(invocation.id, *error_of(answer))
            return
        body = write_answer(event, answer)
        if len(body) <= ANSWER_LIMIT_BYTES and api.respond(invocation.id, body):
            return
        message = f"the answer has {len(body)} bytes; allowed: {ANSWER_LIMIT_BYTES}; send fewer rows at once"
        if event.sender == "direct" or len(body) <= ANSWER_LIMIT_BYTES:
            api.fail(invocation.id, *error(413, message))
        else:
            api.respond(invocation.id, write_answer(event, refusal(Refused(413, message))))

    def _asked(self, request: Request) -> Answer:
        """The application's answer, or 504: also where a model holds up the event loop beyond the deadline."""
        asked = asyncio.run_coroutine_threadsafe(self._application.answer(request), self._end.loop)
        try:
            return asked.result(max(request.seconds_left() + GRACE_S, 0.0))
        except TimeoutError:
            asked.cancel()
            return refusal(Refused(504, "the invocation's time is over; send fewer rows, or allow the function more"))

    def _event(self, invocation: Invocation) -> Event:
        event = read_event(invocation.event, invocation.id, monotonic_deadline(invocation.deadline_ms))
        if event.sender != "direct":
            event.request.headers.setdefault(b"x-request-id", invocation.id.encode())
            event.request.id = self._application.request_id(event.request.headers)
        return event


def monotonic_deadline(deadline_ms: int) -> float:
    """Lambda's deadline, told in milliseconds since 1970, on the clock of `time.monotonic`, less a margin."""
    left = deadline_ms / 1000 - time.time() if deadline_ms else LONGEST_INVOCATION_S
    return time.monotonic() + min(left, LONGEST_INVOCATION_S) - min(MARGIN_S, max(left, 0.0) / 5)
