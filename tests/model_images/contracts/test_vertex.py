"""Vertex AI's contract: its routes, and a running server that is told them by the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_images.contracts.vertex import health_and_predict
from tests.model_images.conftest import SAMPLES
from tests.model_images.contracts.mirror import mirror_folder
from tests.model_images.live import ROOT, LiveServer, Reply, free_port, serve_command, start

ROUTE = "/v1/endpoints/7:predict"
ROUTES = {"AIP_MODE": "PREDICTION", "AIP_HEALTH_ROUTE": ROUTE, "AIP_PREDICT_ROUTE": ROUTE, "AIP_STORAGE_URI": ""}
ROW = [129.9, 3, True]


def started(source: str, folder: Path) -> LiveServer:
    """A server with both routes equal in path, with a colon in it."""
    if source == "source":
        return start(serve_command(folder), ROUTES)
    from tests.model_images.images import image_command

    return start(image_command(folder), ROUTES)


@pytest.fixture(scope="module")
def vertex(source: str) -> Iterator[LiveServer]:
    """The fraud sample."""
    server = started(source, SAMPLES / "fraud")
    yield server
    server.stop()


def predict(server: LiveServer, content: Any) -> Reply:
    return server.post_json(ROUTE, content)


@pytest.mark.parametrize(
    ("environ", "paths"),
    [
        ({}, ("", "")),
        ({"AIP_HEALTH_ROUTE": "/ping"}, ("/ping", "")),
        ({"AIP_ENDPOINT_ID": "1"}, ("", "")),
        ({"AIP_HEALTH_ROUTE": "/", "AIP_PREDICT_ROUTE": "/a%20b"}, ("/", "/a b")),
        ({"AIP_HEALTH_ROUTE": "/h", "AIP_PREDICT_ROUTE": "/p"}, ("/h", "/p")),
        ({"AIP_HEALTH_ROUTE": "h", "AIP_PREDICT_ROUTE": "p:q"}, ("/h", "/p:q")),
        ({"AIP_HEALTH_ROUTE": "/same", "AIP_PREDICT_ROUTE": "/same"}, ("/same", "/same")),
        (
            {"AIP_ENDPOINT_ID": "1", "AIP_DEPLOYED_MODEL_ID": "2"},
            ("/v1/endpoints/1/deployedModels/2", "/v1/endpoints/1/deployedModels/2:predict"),
        ),
        (
            {
                "AIP_ENDPOINT_ID": "1",
                "AIP_DEPLOYED_MODEL_ID": "2",
                "AIP_HEALTH_ROUTE": "/ping",
                "AIP_PREDICT_ROUTE": "",
            },
            ("/ping", "/v1/endpoints/1/deployedModels/2:predict"),
        ),
    ],
)
def test_routes_are_named_or_derived(environ: dict[str, str], paths: tuple[str, str]) -> None:
    assert health_and_predict(environ) == paths


def test_the_health_route_answers_200_with_an_empty_body(vertex: LiveServer) -> None:
    reply = vertex.get(ROUTE)
    assert (reply.status, reply.body) == (200, b"")


def test_one_prediction_comes_back_for_each_instance_in_order(vertex: LiveServer) -> None:
    rows = [[amount, 3, True] for amount in (1.0, 500.0, 20.0)]
    single = [predict(vertex, {"instances": [row]}).json()["predictions"][0] for row in rows]
    assert predict(vertex, {"instances": rows}).json() == {"predictions": single}


@pytest.mark.parametrize("parameters", [None, {}, {"threshold": 0.5}])
def test_parameters_and_other_keys_may_stand_beside_the_instances(vertex: LiveServer, parameters: Any) -> None:
    plain = predict(vertex, {"instances": [ROW]})
    assert plain.status == 200
    content = {"parameters": parameters, "labels": {"a": "b"}, "instances": [ROW], "n": 1}
    assert predict(vertex, content).body == plain.body


def test_parameters_that_are_no_object_are_refused(vertex: LiveServer) -> None:
    assert predict(vertex, {"instances": [ROW], "parameters": [1]}).status in {400, 422}


def test_the_answer_is_that_of_sagemaker(vertex: LiveServer) -> None:
    content = {"instances": [ROW]}
    assert predict(vertex, content).body == vertex.post_json("/invocations", content).body


def test_a_raw_prediction_may_have_any_content_type(vertex: LiveServer) -> None:
    reply = vertex.ask("POST", ROUTE, "129.9,3,true\n", {"content-type": "text/csv", "accept": "text/csv"})
    [score] = predict(vertex, {"instances": [ROW]}).json()["predictions"]
    assert (reply.headers["content-type"], reply.body) == ("text/csv", f"{score}\n".encode())


def test_tensors_may_come_in_the_form_of_vertex(vertex: LiveServer) -> None:
    names, types = ("amount", "hour", "foreign_card"), ("FP64", "INT64", "BOOL")
    inputs = [
        {"name": name, "datatype": kind, "shape": [1, 1], "data": [value]}
        for name, kind, value in zip(names, types, ROW, strict=True)
    ]
    body = json.dumps({"inputs": inputs})
    form = f"application/vnd.vertex-ai-triton.binary+json;json-header-size={len(body)}"
    reply = vertex.ask("POST", ROUTE, body, {"content-type": form})
    [score] = predict(vertex, {"instances": [ROW]}).json()["predictions"]
    assert reply.json()["outputs"][0]["data"] == [score]


@pytest.mark.parametrize("content", [{}, [], {"instances": 1}, {"instances": []}, {"instances": [[1]]}])
def test_what_is_no_prediction_request_is_refused_in_one_line(vertex: LiveServer, content: Any) -> None:
    reply = predict(vertex, content)
    assert reply.status in {400, 422}
    assert list(reply.json()) == ["error"]
    assert b"Traceback" not in reply.body


def test_an_answer_of_more_than_a_shared_endpoint_carries_warns(source: str, tmp_path: Path) -> None:
    server = started(source, mirror_folder(tmp_path))
    try:
        reply = server.ask("POST", ROUTE, "0.1,0.2\n" * 40_000, {"content-type": "text/csv"})
        metrics = server.get("/metrics").body.decode()
    finally:
        server.stop()
    assert reply.status == 200
    assert len(reply.json()["predictions"]) == 40_000
    assert reply.headers["x-prediction-warning"] == (
        f"{len(reply.body)} bytes; a shared public endpoint carries 1500000: use a dedicated one"
    )
    assert 'model_answer_warnings_total{reason="size"} 1\n' in metrics


def test_a_small_answer_does_not_warn(vertex: LiveServer) -> None:
    assert "x-prediction-warning" not in predict(vertex, {"instances": [ROW]}).headers


def test_a_storage_address_that_is_none_ends_the_image_with_one_line() -> None:
    environ = {**os.environ, "AIP_HTTP_PORT": str(free_port()), "AIP_STORAGE_URI": "s3://models/fraud"}
    command = [sys.executable, "-m", "model_images.serve", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "AIP_STORAGE_URI: got 's3://models/fraud'; allowed: gs://BUCKET/FOLDER, or empty: the image's own model\n"
    )
