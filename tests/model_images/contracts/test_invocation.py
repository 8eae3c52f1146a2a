"""Bodies and answers in all forms, against a running server."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from tests.model_images.contracts.invoking import JSON_BODY, ROW, invoke
from tests.model_images.live import LiveServer
from tests.model_images.served import InProcess

FORMS = "application/json, text/csv, application/jsonlines"
TWO_LINES = "[129.9,3,true]\n[12.5,14,false]\n"


def npy(array: Any, *, pickle: bool = False) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=pickle)
    return file.getvalue()


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_is_the_usual_form(fraud: LiveServer, score: float, content_type: str) -> None:
    reply = invoke(fraud, JSON_BODY, content_type)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.body == b'{"predictions":[%b]}' % json.dumps(score).encode()


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [{"amount": 129.9, "hour": 3, "foreign_card": True}]},
        {"instances": [{"features": ROW}]},
        {"instances": [{"data": {"features": {"values": ROW}}}]},
        {"instances": [ROW], "configuration": {"a": 1}, "explain": None},
    ],
)
def test_all_forms_of_json_instances_give_the_same_answer(fraud: LiveServer, score: float, body: Any) -> None:
    assert invoke(fraud, json.dumps(body), "application/json").json() == {"predictions": [score]}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv", "129.9,3,true\n"),
        ("text/csv", "129.9,3,1"),
        ("text/csv; charset=utf-8", "129.9,3,true\r\n"),
        ("text/csv;label_size=0", "129.9,3,true\n"),
        ("text/csv; label_size=1", "0,129.9,3,true\n"),
        ("text/csv; label_size=2", "0,a,129.9,3,true\n"),
        ("application/jsonlines", "[129.9,3,true]\n"),
        ("application/jsonlines", '{"amount":129.9,"hour":3,"foreign_card":true}'),
        ("application/jsonlines", '{"features":[129.9,3,true]}\n'),
    ],
)
def test_other_content_types_give_the_same_answer(
    fraud: LiveServer, score: float, content_type: str, body: str
) -> None:
    assert invoke(fraud, body, content_type).json() == {"predictions": [score]}


@pytest.mark.parametrize("size", ["one", "-1", "1.5", "", "٣", "99999"])
def test_a_label_size_that_is_no_number_of_columns_is_refused(fraud: LiveServer, size: str) -> None:
    reply = invoke(fraud, "1,2,3", "text/csv;label_size=" + size.encode().decode("latin-1"))
    assert reply.status in {400, 415}


def test_the_error_for_a_label_size_is_exact(fraud: LiveServer) -> None:
    reply = invoke(fraud, "1,2,3", "text/csv;label_size=one")
    assert reply.json() == {"error": "Content-Type: got label_size 'one'; allowed: a whole number of columns, from 0"}


def test_a_header_row_is_refused(fraud: LiveServer) -> None:
    reply = invoke(fraud, "amount,hour,foreign_card\n129.9,3,true\n", "text/csv")
    assert (reply.status, reply.json()["error"][:12]) == (422, "instances[0]")


@pytest.mark.parametrize("content_type", ["application/jsonlines", "text/csv"])
def test_one_line_comes_back_for_each_line(fraud: LiveServer, score: float, content_type: str) -> None:
    body = TWO_LINES if content_type != "text/csv" else TWO_LINES.replace("[", "").replace("]", "")
    reply = invoke(fraud, body, content_type, content_type)
    assert reply.headers["content-type"] == content_type
    assert reply.body.endswith(b"\n")
    lines = reply.body.decode().splitlines()
    assert (len(lines), float(lines[0])) == (2, score)


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/*, text/csv;q=0.5"])
def test_json_is_answered_where_nothing_else_is_asked_for(fraud: LiveServer, accept: str) -> None:
    assert invoke(fraud, JSON_BODY, accept=accept).headers["content-type"] == "application/json"


@pytest.mark.parametrize("accept", ["text/csv", "application/jsonlines", "text/csv;q=0.9, application/json;q=0.1"])
def test_accept_decides_the_answer(fraud: LiveServer, score: float, accept: str) -> None:
    reply = invoke(fraud, JSON_BODY, accept=accept)
    assert (reply.headers["content-type"], reply.body) == (accept.split(";")[0], f"{score}\n".encode())


def test_an_accept_that_cannot_be_met_is_told(fraud: LiveServer) -> None:
    reply = invoke(fraud, JSON_BODY, accept="application/xml")
    assert reply.status == 406
    assert reply.json() == {"error": f"Accept: got 'application/xml'; allowed: {FORMS}, application/x-npy"}


@pytest.mark.parametrize(
    "content_type",
    ["application/x-recordio-protobuf", "text/plain", "application/x-www-form-urlencoded", "json", "x/\\"],
)
def test_a_content_type_that_is_not_read_is_told(fraud: LiveServer, content_type: str) -> None:
    reply = invoke(fraud, JSON_BODY, content_type)
    assert reply.status == 415
    assert reply.json() == {"error": f"Content-Type: got {content_type!r}; allowed: {FORMS}, application/x-npy"}


def test_a_charset_that_is_not_read_is_told(fraud: LiveServer) -> None:
    reply = invoke(fraud, JSON_BODY, "application/json; charset=utf-16")
    assert reply.status == 415
    assert reply.json() == {"error": "Content-Type: got charset 'utf-16'; allowed: utf-8"}


@pytest.mark.parametrize("content_type", ["application/json", "text/csv", "application/jsonlines", "application/x-npy"])
def test_an_empty_body_is_refused(fraud: LiveServer, content_type: str) -> None:
    reply = invoke(fraud, "", content_type)
    assert reply.status == 400
    assert reply.json() == {"error": f"the body is empty; send one of {FORMS}, application/x-npy"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "{}"),
        ("application/json", '{"instances": []}'),
        ("application/json", '{"instances": [[1, 2, NaN]]}'),
        ("application/json", "[" * 100_000),
        ("application/jsonlines", "\n\n"),
        ("application/jsonlines", "{\n"),
        ("application/jsonlines", b'{"a\x9c": 1}\n'),
        ("application/json", b'{"instances": [{"a\x9c": 1}]}'),
        ("text/csv", "\n"),
        ("text/csv", '"'),
        ("text/csv", "1,2\n"),
        ("application/x-npy", "x"),
    ],
)
def test_what_cannot_be_read_is_refused_without_a_traceback(
    fraud: LiveServer, content_type: str, body: str | bytes
) -> None:
    reply = invoke(fraud, body, content_type)
    assert reply.status in {400, 422}
    assert list(reply.json()) == ["error"]
    assert b"Traceback" not in reply.body
    assert b"\\n" not in reply.body


def test_a_row_that_is_not_allowed_is_named(fraud: LiveServer) -> None:
    reply = invoke(fraud, json.dumps({"instances": [ROW, [1, 24, False]]}), "application/json")
    assert reply.status == 422
    assert reply.json() == {"error": "instances[1].hour: got 24; allowed: 0 to 23"}


def test_arrays_come_and_go_as_npy(mirror: LiveServer) -> None:
    reply = invoke(mirror, npy(np.array([[1.5, 2.0], [3.0, 4.0]])), "application/x-npy", "application/x-npy")
    assert reply.headers["content-type"] == "application/x-npy"
    answered = np.load(BytesIO(reply.body), allow_pickle=False)
    assert answered.tolist() == [[3.5, 1.5, 2.0], [7.0, 3.0, 4.0]]


def test_an_array_gives_the_same_answer_as_json(mirror: LiveServer) -> None:
    as_array = invoke(mirror, npy(np.array([[0.1, 0.2]])), "application/x-npy")
    assert as_array.body == invoke(mirror, '{"instances": [[0.1, 0.2]]}').body
    assert as_array.json() == {"predictions": [{"total": 0.1 + 0.2, "both": [0.1, 0.2]}]}


def test_an_array_of_objects_is_refused(mirror: LiveServer) -> None:
    reply = invoke(mirror, npy(np.array([[1, "a"]], dtype=object), pickle=True), "application/x-npy")
    assert reply.status == 415
    assert reply.json() == {"error": "application/x-npy: elements of type '|O'; allowed: bool, int, uint, float"}


def test_an_array_of_another_width_is_refused(mirror: LiveServer) -> None:
    reply = invoke(mirror, npy(np.ones((2, 3))), "application/x-npy")
    assert (reply.status, "got an array of shape [2, 3]" in reply.json()["error"]) == (422, True)


def test_an_array_with_a_number_that_is_none_is_refused(mirror: LiveServer) -> None:
    reply = invoke(mirror, npy(np.array([[0.0, 1.0], [np.nan, 1.0]])), "application/x-npy")
    assert (reply.status, reply.json()["error"][:17]) == (422, "instances[1].a: g")


def test_outputs_stand_in_their_order_in_csv(mirror: LiveServer) -> None:
    assert invoke(mirror, "1.5,2\n3,4\n", "text/csv", "text/csv").body == b"3.5,1.5,2.0\n7.0,3.0,4.0\n"


def test_parameters_choose_outputs(mirror: LiveServer) -> None:
    body = json.dumps({"instances": [[1.5, 2]], "parameters": {"outputs": ["total"], "other": 1}})
    assert invoke(mirror, body).json() == {"predictions": [3.5]}


def test_chosen_outputs_keep_the_models_order(mirror: LiveServer) -> None:
    body = json.dumps({"instances": [[1.5, 2]], "parameters": {"outputs": ["both", "total"]}})
    assert invoke(mirror, body, accept="text/csv").body == b"3.5,1.5,2.0\n"


@pytest.mark.parametrize("wanted", [["nothing"], [], "total", [1], [["total"]], {"a": 1}])
def test_outputs_that_are_not_there_cannot_be_chosen(mirror: LiveServer, wanted: Any) -> None:
    reply = invoke(mirror, json.dumps({"instances": [[1.5, 2]], "parameters": {"outputs": wanted}}))
    assert reply.status == 422
    assert reply.json() == {"error": f"parameters.outputs: got {wanted!r}; allowed: a list of total, both"}


@pytest.mark.parametrize("path", ["/invocations", "/predict"])
def test_text_is_not_answered_as_an_array(mixed: InProcess, path: str) -> None:
    body = b'{"instances": [[1.5, 2, true, "DE", [[1, 2], [3, 4]]]]}'
    answer = mixed.ask("POST", path, body, {"accept": "application/x-npy"})
    assert answer.status == 406
    assert json.loads(answer.body) == {"error": f"Accept: got 'application/x-npy'; allowed: {FORMS}"}
