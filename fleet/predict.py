"""Where a model answers, and whether it does: the URL in each jurisdiction, and the warm-up example sent to it."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import yaml
from yamlcore import CCoreLoader

from fleet.errors import BadUsage
from fleet.model import Fleet
from fleet.names import unknown_name
from fleet.survey import Survey
from stacks.settings import StackKind

TIMEOUT_S = 5.0
ANSWER_BYTES = 1 << 20
PATH = "/invocations"
OFFLINE_NOTE = "not sent: this environment is offline, its names lead nowhere"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One jurisdiction's answer. `status` is the HTTP status, None if nothing was sent or nothing answered."""

    jurisdiction: str
    url: str
    status: int | None
    body: str


def addresses(model: str, fleet: Fleet, survey: Survey) -> Mapping[str, str]:
    """The model's public URL by jurisdiction, as the front doors publish it. Raises BadUsage if none does."""
    found: dict[str, str] = {}
    known: set[str] = set()
    for stack in fleet.stacks:
        snapshot = survey.snapshots.get(stack.name)
        if stack.kind is StackKind.FRONT_DOOR and snapshot is not None:
            urls = snapshot.outputs.get("urls", {})
            known.update(urls)
            if model in urls:
                found[stack.jurisdiction] = str(urls[model])
    if not found:
        deploy = f"deploy it first: python -m fleet up --env {fleet.environment}"
        if not known:
            raise BadUsage(f"predict {model}: no front door stands", deploy)
        raise unknown_name(
            "predict", model, sorted(known), f"{deploy}; where nobody may call from outside, a model has no URL"
        )
    return found


def warm_up_example(root: Path, model: str) -> Mapping[str, Any]:
    """The example request in the model folder's `model.yaml`. Raises BadUsage if there is none."""
    path = root / "model_images" / "samples" / model / "model.yaml"
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=CCoreLoader)  # noqa: S506  plain data only
    except OSError as error:
        raise BadUsage(f"{path}: {error.strerror}", "the warm-up example is read from the model folder") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadUsage(f"{path}: no YAML that can be read", "see what python -m model_images check says") from error
    example: Any = cast("dict[str, Any]", content).get("warmup") if isinstance(content, dict) else None
    if not isinstance(example, dict):
        raise BadUsage(f"{path}: warmup: got nothing; allowed: instances: [...]", "add an example request to the file")
    return cast("dict[str, Any]", example)


def send(
    url: str, example: Mapping[str, Any], headers: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
) -> tuple[int | None, str]:
    """The HTTP status and body that `url` answers the example with; None and the reason if nothing answers.

    A redirect is an answer like others: what a caller shows is shown to nobody else.
    """
    request = urllib.request.Request(  # noqa: S310  a front door publishes https only; a test asks over http
        url.rstrip("/") + PATH,
        data=json.dumps(example).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
        method="POST",
    )
    try:
        try:
            with _opener().open(request, timeout=timeout_s) as response:
                return response.status, _text(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _text(error)
    except urllib.error.URLError as error:
        return None, f"nothing answers: {error.reason}"
    except TimeoutError:
        return None, f"nothing answers within {timeout_s:.0f} s"
    except (OSError, http.client.HTTPException) as error:
        return None, f"nothing answers: {type(error).__name__}"
    except ValueError:  # never its words: they hold the header
        return None, "not sent: a header holds a line break, or a sign that no header carries"


def _text(response: IO[bytes]) -> str:
    return response.read(ANSWER_BYTES).decode(errors="replace")


def _opener() -> urllib.request.OpenerDirector:
    """As the library's own, less what follows redirects."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def ask(
    model: str, fleet: Fleet, survey: Survey, headers_for: Callable[[str], Mapping[str, str]] = lambda _: {}
) -> tuple[Mapping[str, Any], tuple[Answer, ...]]:
    """The example, and what each jurisdiction answers to it. `headers_for`: what a caller there must show."""
    urls = addresses(model, fleet, survey)
    example = warm_up_example(fleet.root, model)
    answers: list[Answer] = []
    for jurisdiction, url in urls.items():
        status, body = (None, OFFLINE_NOTE) if fleet.offline else send(url, example, headers_for(jurisdiction))
        answers.append(Answer(jurisdiction=jurisdiction, url=url, status=status, body=body))
    return example, tuple(answers)
