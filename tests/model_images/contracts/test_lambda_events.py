"""Events of every sender as requests, and answers in the form that each sender reads."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from model_images.contracts.lambda_events import Event, error_of, read_event, write_answer
from model_images.serve.messages import Answer, Refused, refusal

BODY = '{"instances":[[1.5,"DE"]]}'


def rest_event(**changes: Any) -> dict[str, Any]:
    """API Gateway's REST API, format 1.0."""
    return {
        "resource": "/{proxy+}",
        "path": "/invocations",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "X-A": "2"},
        "multiValueHeaders": {"Content-Type": ["application/json"], "X-A": ["1", "2"]},
        "queryStringParameters": {"a": "2"},
        "multiValueQueryStringParameters": {"a": ["1", "2 3"]},
        "pathParameters": {"proxy": "invocations"},
        "stageVariables": None,
        "requestContext": {"stage": "prod", "requestId": "r", "identity": {}, "path": "/prod/invocations"},
        "body": BODY,
        "isBase64Encoded": False,
        **changes,
    }


def http_event(**changes: Any) -> dict[str, Any]:
    """API Gateway's HTTP API, format 2.0, and function URLs."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/invocations",
        "rawQueryString": "a=1&a=2%203",
        "cookies": ["c=1"],
        "headers": {"content-type": "application/json", "x-a": "1,2"},
        "requestContext": {
            "http": {"method": "POST", "path": "/invocations", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "stage": "$default",
            "timeEpoch": 1,
        },
        "body": BODY,
        "isBase64Encoded": False,
        **changes,
    }


def balancer_event(**changes: Any) -> dict[str, Any]:
    """An Application Load Balancer, without lists of headers."""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/m/1"}},
        "httpMethod": "POST",
        "path": "/invocations",
        "queryStringParameters": {"a": "2%203"},
        "headers": {"content-type": "application/json", "x-a": "1"},
        "body": BODY,
        "isBase64Encoded": False,
        **changes,
    }


def read(event: Any) -> Event:
    return read_event(json.dumps(event).encode(), "id-1", 7.0)


def answered(event: dict[str, Any], answer: Answer) -> dict[str, Any]:
    return json.loads(write_answer(read(event), answer))


@pytest.mark.parametrize("event", [rest_event(), http_event(), balancer_event()])
def test_a_proxied_event_becomes_the_request_that_the_client_sent(event: dict[str, Any]) -> None:
    request = read(event).request
    assert (request.method, request.path, request.body) == ("POST", "/invocations", BODY.encode())
    assert request.headers[b"content-type"] == b"application/json"
    assert (request.id, request.deadline) == ("id-1", 7.0)


def test_a_direct_event_is_a_body_as_it_came() -> None:
    payload = b'{ "instances": [[1.5, "DE"]], "body": "x" }'
    event = read_event(payload, "id-1", 7.0)
    assert event.sender == "direct"
    assert (event.request.method, event.request.path, event.request.body) == ("POST", "/invocations", payload)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"7", b"{", b'{"body":7}', b'{"requestContext":null}', b"[" * 100_000, b"\xff"]
)
def test_what_no_proxy_sent_is_direct_and_left_to_the_model_s_own_reader(payload: bytes) -> None:
    event = read_event(payload, "id-1", 7.0)
    assert event.sender == "direct"
    assert event.request.body == payload


@pytest.mark.parametrize("make", [rest_event, http_event, balancer_event])
def test_a_body_in_base64_is_decoded(make: Any) -> None:
    body = base64.b64encode(b"\x00\xff").decode()
    assert read(make(body=body, isBase64Encoded=True)).request.body == b"\x00\xff"


@pytest.mark.parametrize("body", ["AA=A", "\u00e9", "A", "AAAA\n"])
def test_a_body_that_is_no_base64_is_refused(body: str) -> None:
    with pytest.raises(Refused, match="not base64, as isBase64Encoded says"):
        read(rest_event(body=body, isBase64Encoded=True))


@pytest.mark.parametrize("make", [rest_event, http_event, balancer_event])
def test_a_request_without_a_body_has_an_empty_one(make: Any) -> None:
    assert read(make(body=None)).request.body == b""


def test_lists_of_headers_and_parameters_go_before_their_last_values() -> None:
    request = read(rest_event()).request
    assert request.headers[b"x-a"] == b"1, 2"
    assert request.query == b"a=1&a=2+3"


def test_headers_and_parameters_may_be_missing_or_null() -> None:
    empty = {"headers": None, "multiValueHeaders": None}
    queries = {"queryStringParameters": None, "multiValueQueryStringParameters": None}
    request = read(rest_event(**empty, **queries)).request
    assert (request.headers, request.query) == ({}, b"")


def test_a_load_balancer_s_path_and_query_are_as_the_client_wrote_them() -> None:
    request = read(balancer_event(path="/v2%2Fmodels")).request
    assert (request.path, request.query) == ("/v2/models", b"a=2%203")


def test_a_stage_s_name_is_taken_off_the_path() -> None:
    context = {"http": {"method": "GET"}, "stage": "prod"}
    paths = {"/prod/ping": "/ping", "/prod": "/", "/production/ping": "/production/ping", "/ping": "/ping"}
    for raw, path in paths.items():
        assert read(http_event(rawPath=raw, requestContext=context)).request.path == path


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (rest_event(headers=[]), "event.headers"),
        (http_event(body=7), "event.body"),
        (balancer_event(path=None, httpMethod=3), "event.httpMethod"),
        (http_event(requestContext=3), "event.requestContext"),
        (rest_event(httpMethod="POST\r\n"), r"the HTTP method is 'POST\\r\\n'"),
        (http_event(requestContext={"http": {"method": None}}), "event.requestContext.http.method"),
    ],
)
def test_an_event_that_is_only_like_a_proxy_s_is_refused_by_field(event: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused, match=field):
        read(event)


@pytest.mark.parametrize("make", [rest_event, http_event, balancer_event])
def test_a_text_answer_is_text_with_the_prediction_id(make: Any) -> None:
    said = answered(make(), Answer(200, b'{"predictions":[1]}'))
    assert (said["statusCode"], said["body"], said["isBase64Encoded"]) == (200, '{"predictions":[1]}', False)
    assert said["headers"] == {"content-type": "application/json", "x-prediction-id": "id-1"}


@pytest.mark.parametrize("content_type", [b"application/x-npy", b"application/octet-stream", b"application/json"])
def test_a_binary_answer_is_base64(content_type: bytes) -> None:
    said = answered(rest_event(), Answer(200, b"\x93NUMPY\xff", content_type))
    assert said["isBase64Encoded"] is True
    assert base64.b64decode(said["body"]) == b"\x93NUMPY\xff"


def test_a_load_balancer_is_told_the_status_in_words() -> None:
    assert answered(balancer_event(), refusal(Refused(429, "full")))["statusDescription"] == "429 Too Many Requests"
    assert "statusDescription" not in answered(http_event(), Answer())


def test_a_load_balancer_that_sends_lists_of_headers_gets_lists() -> None:
    event = balancer_event(headers=None, multiValueHeaders={"content-type": ["application/json"]})
    said = answered(event, Answer(200, b"{}"))
    assert said["multiValueHeaders"] == {"content-type": ["application/json"], "x-prediction-id": ["id-1"]}
    assert "headers" not in said


def test_a_refusal_behind_a_proxy_is_an_answer_with_its_status() -> None:
    said = answered(http_event(), refusal(Refused(422, "instances[0].a: got 1")))
    assert (said["statusCode"], json.loads(said["body"])) == (422, {"error": "instances[0].a: got 1"})


def test_a_direct_answer_is_its_body_alone() -> None:
    assert write_answer(read({"instances": []}), Answer(200, b'{"predictions":[]}')) == b'{"predictions":[]}'


def test_a_refusal_of_a_direct_event_becomes_an_error_without_a_stack_trace() -> None:
    kind, body = error_of(refusal(Refused(422, "instances[0].a: got 1")))
    assert kind == "Request.RowRefused"
    assert json.loads(body) == {"errorMessage": "instances[0].a: got 1", "errorType": kind, "stackTrace": []}
