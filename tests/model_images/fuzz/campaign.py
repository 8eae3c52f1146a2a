"""Many inputs into one application: in its own process for speed, and as bytes into a running server's socket."""

from __future__ import annotations

import gc
import json
import random
import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from model_images.contracts import lambda_events
from model_images.serve.messages import Answer, Refused, refusal
from model_images.serve.rows import MODEL_ERRORS
from tests.model_images.fuzz.checks import Wrong, check
from tests.model_images.fuzz.inputs import HEALTH_ROUTE, PREDICT_ROUTE, Input, made
from tests.model_images.served import InProcess, mixed_model, request, stacked_model

HANG_S = 10.0
# Beyond what the first tenth of the inputs left: caches of compiled decoders, the allocator's free lists.
GROWTH_MIB = 48.0
# What an application might let out; whatever it is, the input that led to it has to be told.
ANY_ERROR = (*MODEL_ERRORS, msgspec.MsgspecError, Refused)
ENVIRON = {"AIP_PREDICT_ROUTE": PREDICT_ROUTE, "AIP_HEALTH_ROUTE": HEALTH_ROUTE}


class Hang(BaseException):
    """No answer in time. Nothing between here and the loop that hangs may take it for its own."""


class Failure(Exception):
    """An input that breaks a rule, with the number that makes it again."""


class Applications:
    """The two models that are fuzzed, in this process."""

    def __init__(self, root: Path) -> None:
        folders = [root / "mixed", root / "stacked"]
        for folder in folders:
            folder.mkdir()
        self.mixed = InProcess(mixed_model(folders[0]), ENVIRON)
        self.stacked = InProcess(stacked_model(folders[1]), ENVIRON)

    def close(self) -> None:
        """Ends both."""
        self.mixed.close()
        self.stacked.close()

    def answer(self, given: Input) -> Answer:
        """The answer to one input; of an event, also what Lambda would be handed is looked at."""
        if given.event is not None:
            return self._answer_event(given.event)
        served = self.stacked if given.stacked else self.mixed
        asked = request(served.loop, given.method, given.path, given.body, {})
        asked.headers = {name.encode(): value.encode("utf-8") for name, value in given.headers.items()}
        return served.run(served.application.answer(asked))

    def _answer_event(self, payload: bytes) -> Answer:
        try:
            event = lambda_events.read_event(payload, "id-1", self.mixed.loop.time() + 30)
        except Refused as refused:
            return refusal(refused)
        answer = self.mixed.run(self.mixed.application.answer(event.request))
        if event.sender == "direct" and answer.status >= 400:
            kind, body = lambda_events.error_of(answer)
            if "." not in kind or not json.loads(body)["errorMessage"]:
                raise Wrong(f"an error without type or message: {kind!r}, {body[:200]!r}")
        elif event.sender != "direct":
            told = json.loads(lambda_events.write_answer(event, answer))
            if told["statusCode"] != answer.status or not isinstance(told["body"], str):
                raise Wrong(f"not what API Gateway reads: {str(told)[:200]}")
        return answer


def fuzz(inputs: int, seed: int, report: Callable[[str], None], only: int | None = None) -> Counter[int]:
    """Asks that many inputs and checks each answer; how often each status came.

    Raises:
        Failure: at the first input that is answered wrongly or not at all, or if memory grows.
    """
    statuses: Counter[int] = Counter()
    settled = 0.0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as root:
        applications = Applications(Path(root))
        try:
            for number in range(inputs) if only is None else (only,):
                statuses[_one(applications, seed, number)] += 1
                if number == inputs // 10:
                    settled = resident_mib()
                if number and number % 20_000 == 0:
                    report(f"{number:,} inputs, {resident_mib():.0f} MiB")
        finally:
            applications.close()
    grown = resident_mib() - settled
    if only is None and grown > GROWTH_MIB:
        raise Failure(f"memory grew by {grown:.0f} MiB after the first tenth of {inputs} inputs (seed {seed})")
    return statuses


def drawn(seed: int, number: int) -> Input:
    """The input of that number: the same each time."""
    return made(random.Random(seed * 1_000_003 + number))


def _one(applications: Applications, seed: int, number: int) -> int:
    given = drawn(seed, number)
    try:
        with no_longer_than(HANG_S):
            answer = applications.answer(given)
            check(given, answer)
    except (*ANY_ERROR, Hang) as error:
        how = f"python -m tests.model_images.fuzz --seed {seed} --only {number}"
        raise Failure(f"{type(error).__name__}: {error}\ninput: {given!r:.3000}\nagain: {how}") from error
    return answer.status


@contextmanager
def no_longer_than(seconds: float) -> Generator[None]:
    """Raises Hang if what is inside takes longer."""

    def late(*_: Any) -> None:
        raise Hang(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def resident_mib(process: int | str = "self") -> float:
    """Memory that a process holds."""
    gc.collect()
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def elapsed(since: float) -> str:
    """Seconds for people."""
    return f"{time.monotonic() - since:.0f} s"
