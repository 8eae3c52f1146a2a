"""Gate: the same rows get the same answer, to the last bit, through every contract that the image answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from model_images.gates import contract_forms as forms
from model_images.gates.contract_forms import Answers
from model_images.gates.lambda_stand_in import lambda_answers
from model_images.gates.result import GateResult, judged
from model_images.gates.server import Answered, Server, ServerFailed, started
from model_images.gates.subject import Row, Subject
from model_images.model_file import ModelFile

ROWS = 32
VERTEX = "/v1/endpoints/1/deployedModels/1:predict"
VARIABLES = {"AIP_HEALTH_ROUTE": "/v1/endpoints/1/deployedModels/1", "AIP_PREDICT_ROUTE": VERTEX}
# An answer that cannot be read at all raises one of these in the reader of its form.
UNREADABLE = (ValueError, LookupError, TypeError)
Read = Callable[[Answered], Answers]


def contracts(subject: Subject) -> GateResult:
    """Raises GateInputError and ServerFailed."""
    rows, model = subject.example_rows(ROWS), subject.model
    found: list[tuple[str, Answers | str]] = []
    with started(subject.folder, VARIABLES) as server:
        for name, ask, read in _ways(server, rows, model):
            found.append((name, _answers(ask, read)))
    found += _over_lambda(subject, rows)
    first_name, first = found[0]
    if isinstance(first, str):
        return judged([f"{first_name}: {first}"])
    problems: list[str] = []
    for name, answers in found[1:]:
        if isinstance(answers, str):
            problems.append(f"{name}: {answers}")
        elif not forms.same(first, answers):
            problems.append(f"{name}: {_apart(first, answers)} (compared with {first_name})")
    return judged(problems, ways=len(found), rows=len(rows))


def _ways(server: Server, rows: Sequence[Row], model: ModelFile) -> Iterator[tuple[str, Callable[[], Answered], Read]]:
    """Name, question and reader of each way over HTTP that this model's inputs and outputs allow."""

    def post(
        path: str, kind: str, body: bytes, accept: str = "application/json", **more: str
    ) -> Callable[[], Answered]:
        headers = {"Content-Type": kind, "Accept": accept, **{name.replace("_", "-"): more[name] for name in more}}
        return lambda: server.ask("POST", path, body, headers)

    def predictions(answered: Answered) -> Answers:
        return forms.from_predictions(json.loads(answered.body)["predictions"], model)

    def tensors(answered: Answered) -> Answers:
        return forms.from_tensors(answered.body, model)

    def binary(answered: Answered) -> Answers:
        length = int(answered.headers["inference-header-content-length"])
        return forms.from_binary_tensors(answered.body, length, model)

    def lines(answered: Answered) -> Answers:
        return forms.from_predictions([json.loads(line) for line in answered.body.splitlines()], model)

    sagemaker, plain = "/invocations", "application/json"
    yield "SageMaker, JSON", post(sagemaker, plain, forms.in_order(rows, model)), predictions
    yield "SageMaker, JSON by name", post(sagemaker, plain, forms.by_name(rows)), predictions
    kind = "application/jsonlines"
    yield "SageMaker, JSON lines", post(sagemaker, kind, forms.as_lines(rows, model), kind), lines
    table, matrix = forms.as_csv(rows, model), forms.as_npy(rows, model)
    if table is not None:
        csv_read: Read = lambda answered: forms.from_csv(answered.body, model)  # noqa: E731  one of the readers
        yield "SageMaker, CSV", post(sagemaker, "text/csv", table, "text/csv"), csv_read
    if matrix is not None and all(output.type != "string" for output in model.outputs):
        npy_read: Read = lambda answered: forms.from_npy(answered.body, model)  # noqa: E731
        yield "SageMaker, npy", post(sagemaker, "application/x-npy", matrix, "application/x-npy"), npy_read
    yield "Vertex AI", post(VERTEX, plain, forms.in_order(rows, model)), predictions
    infer = f"/v2/models/{model.name}/infer"
    yield "Open Inference, JSON", post(infer, plain, forms.as_tensors(rows, model)), tensors
    packed, length = forms.as_binary_tensors(rows, model)
    octets = "application/octet-stream"
    asked = post(infer, octets, packed, octets, Inference_Header_Content_Length=str(length))
    yield "Open Inference, binary", asked, binary


def _over_lambda(subject: Subject, rows: Sequence[Row]) -> list[tuple[str, Answers | str]]:
    body = forms.in_order(rows, subject.model)
    from_url = {
        "version": "2.0",
        "rawPath": "/invocations",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/invocations"}, "stage": "$default"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    names = ("Lambda, direct", "Lambda, function URL")
    try:
        posted = lambda_answers(subject.folder, [body, json.dumps(from_url).encode()])
    except ServerFailed as failed:
        return [(name, str(failed)) for name in names]
    found: list[tuple[str, Answers | str]] = []
    for name, (where, answer) in zip(names, posted, strict=True):
        if where != "response":
            found.append((name, f"answered an error: {answer.decode(errors='replace'):.200}"))
            continue
        try:
            told: Any = json.loads(answer)
            told = json.loads(told["body"]) if "statusCode" in told else told
            found.append((name, forms.from_predictions(told["predictions"], subject.model)))
        except UNREADABLE as error:
            found.append((name, f"not readable: {type(error).__name__}: {error}: {answer[:100]!r}"))
    return found


def _answers(ask: Callable[[], Answered], read: Read) -> Answers | str:
    """What was answered, or what is wrong with it."""
    try:
        answered = ask()
    except ServerFailed as failed:
        return str(failed)
    if answered.status != 200:
        return f"answered {answered.status}: {answered.body.decode(errors='replace'):.200}"
    try:
        return read(answered)
    except UNREADABLE as error:
        return f"not readable: {type(error).__name__}: {error}: {answered.body[:100]!r}"


def _apart(first: Answers, other: Answers) -> str:
    """The first output and row that differ."""
    for name, array in first.items():
        against = other.get(name)
        if against is None or against.shape != array.shape:
            return f"output {name} has another form"
        for row, (one, two) in enumerate(zip(array, against, strict=True)):
            if not forms.same({name: one}, {name: two}):
                return f"row {row}, {name}: got {two.tolist()!r:.80} and {one.tolist()!r:.80}"
    return "the answers differ"
