"""One prediction of an image that was just built: a server of it is started, asked its warm-up example, and stopped."""

from __future__ import annotations

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fleet.board import Board
from fleet.children import Child, Children
from fleet.errors import BadUsage
from fleet.events import Tally
from fleet.images import SAMPLES, Image, Made, board_name
from fleet.model import Fleet
from fleet.predict import send, warm_up_example

READY_S = 30.0
LOOK_EVERY_S = 0.05
# Nobody else asks this server: it need not wait for others to notice that it leaves.
VARIABLES = {"DRAIN_DELAY_S": "0", "WORKERS": "1"}


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What the model answered. `asked` says which server was; `note` why it was not the image's own.

    `status` is the HTTP status, None if nothing answered; `body` then says why.
    """

    model: str
    digest: str
    asked: str
    example: Mapping[str, Any]
    status: int | None
    body: str
    note: str = ""

    @property
    def well(self) -> bool:
        return self.status == 200


class _NotServed(Exception):
    """No server came up; why, in one line."""


@dataclass
class FirstPrediction:
    """Asks while the stacks are brought up; `answer` is there once the block of `asked` has ended."""

    fleet: Fleet
    board: Board
    children: Children
    answer: Prediction | None = None

    @contextmanager
    def asked(self, images: Sequence[Image]) -> Generator[None]:
        """Asks the first of `images` that was built, if any, beside what the block does."""
        chosen = next((image for image in images if image.made is not Made.FAILED), None)
        if chosen is None:
            yield
            return
        asking = threading.Thread(target=self._ask, args=(chosen,))
        asking.start()
        try:
            yield
        finally:
            asking.join()

    def _ask(self, image: Image) -> None:
        name, started = board_name(image.model), time.monotonic()
        self.board.begin(name, "predict", Tally())
        answer = ask_image(self.fleet, self.children, image)
        if self.children.stopped:  # its server was told to end: that says nothing of the model
            self.board.leave(name, time.monotonic() - started, "not asked: interrupted", "yellow")
            return
        self.answer = answer
        told = "answers" if answer.well else f"does not answer: {answer.body}"
        self.board.leave(name, time.monotonic() - started, told, "green" if answer.well else "red")


def ask_image(fleet: Fleet, children: Children, image: Image) -> Prediction:
    """Asks the image; where it cannot be started on this machine, the server from source with the model's folder."""
    try:
        example = warm_up_example(fleet.root, image.model)
    except BadUsage as error:
        return Prediction(model=image.model, digest=image.digest, asked="", example={}, status=None, body=error.what)
    asked, note = "its image", ""
    try:
        in_image = [word for name, value in VARIABLES.items() for word in ("--env", f"{name}={value}")]
        status, body = _ask_server(children, ("run", str(image.layout.relative_to(fleet.root)), *in_image), example)
    except _NotServed as no_image:
        asked, note = "the server from source", f"the image cannot be run on this machine: {no_image}"
        try:
            status, body = _ask_server(children, ("serve", str(SAMPLES / image.model)), example)
        except _NotServed as no_server:
            status, body = None, str(no_server)
    return Prediction(
        model=image.model, digest=image.digest, asked=asked, example=example, status=status, body=body, note=note
    )


def _ask_server(children: Children, words: Sequence[str], example: Mapping[str, Any]) -> tuple[int | None, str]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with children.started(("model_images", *words, "--port", str(port)), lambda _line: None, VARIABLES) as child:
        _wait_until_ready(child, f"{url}/ping")
        return send(url, example)


def _wait_until_ready(child: Child, url: str) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        code = child.process.poll()
        if code is not None:
            raise _NotServed(next(iter(child.last_errors()[-1:]), f"it ended with exit code {code}"))
        try:
            with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310  our own server on loopback
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):  # not listening yet, or not ready yet
            pass
        time.sleep(LOOK_EVERY_S)
    raise _NotServed(f"not ready within {READY_S:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
