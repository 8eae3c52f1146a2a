"""The OpenAPI documents of APIs: accepted by a validator and by moto, and what stands in them."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

import boto3
import pytest
from moto import mock_aws
from openapi_spec_validator import OpenAPIV30SpecValidator, validate

from components.api.aws_definition import FORM_OF_TOKENS, ApiShape, as_text, definition, digest
from components.api.aws_integrations import Known
from components.api.targets import EndpointTarget, Target
from model_images.contracts.invocation import READ
from model_images.contracts.open_inference import VENDOR_TYPES
from tests.components.api.parts import ALIAS, ENDPOINT, FUNCTION, LINK, SCHEMA

REACHED = {"link": "link12", "role": "arn:aws:iam::123456789012:role/homeport/demo", "alias": ALIAS}
JUDGE = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:j/invocations"
)
LATER = EndpointTarget(name="later", asynchronous=True)
TARGETS: dict[str, tuple[Target, str]] = {
    "link": (LINK, "link12"),
    "endpoint": (ENDPOINT, REACHED["role"]),
    "later": (LATER, REACHED["role"]),
    "function": (FUNCTION, ALIAS),
}
GUARDED: dict[str, Any] = {
    "networks": (IPv4Network("198.51.100.0/24"), IPv4Network("203.0.113.0/24")),
    "api_keys": True,
    "request_schema": SCHEMA,
}


def document(kind: str, judge: str | None = None, **change: Any) -> dict[str, Any]:
    target, reached = TARGETS[kind]
    shape = ApiShape(name="demo-fraud", region="eu-west-1", target=target, timeout_ms=29_000, **change)
    return json.loads(as_text(definition(shape, Known(reached=reached, authorizer=judge))))


def integration(kind: str, path: str = "/invocations", method: str = "post") -> dict[str, Any]:
    return document(kind)["paths"][path][method]["x-amazon-apigateway-integration"]


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("change", [{}, GUARDED])
def test_every_document_is_valid_openapi(kind: str, change: dict[str, Any]) -> None:
    validate(document(kind, JUDGE, **change), cls=OpenAPIV30SpecValidator)


@pytest.mark.parametrize("kind", TARGETS)
def test_moto_imports_every_document(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    found = document(kind, JUDGE, **GUARDED)
    if found["paths"]["/ping"]["get"]["x-amazon-apigateway-integration"]["type"] == "mock":
        del found["paths"]["/ping"]  # moto 5.2.5 wants an address of a mock, which none has
    with mock_aws():
        client = boto3.client("apigateway", region_name="eu-west-1")
        api = client.create_rest_api(name="demo-fraud")["id"]
        client.put_rest_api(restApiId=api, mode="overwrite", failOnWarnings=True, body=as_text(found).encode())
        resources = {one["path"]: one for one in client.get_resources(restApiId=api)["items"]}
        assert set(found["paths"]) <= set(resources)
        integration = resources["/invocations"]["resourceMethods"]["POST"]["methodIntegration"]
        asked = found["paths"]["/invocations"]["post"]["x-amazon-apigateway-integration"]
        assert (integration["type"].lower(), integration["uri"]) == (asked["type"], asked["uri"])


def test_a_call_needs_key_and_token_together_and_health_needs_neither() -> None:
    paths = document("link", JUDGE, **GUARDED)["paths"]
    assert paths["/invocations"]["post"]["security"] == [{"callerKey": [], "callerToken": []}]
    assert paths["/ping"]["get"]["security"] == []


def test_health_is_asked_from_anywhere_and_calls_come_from_the_networks_only() -> None:
    allow, deny = document("link", **GUARDED)["x-amazon-apigateway-policy"]["Statement"]
    assert (allow["Effect"], allow["Resource"]) == ("Allow", "execute-api:/*")
    assert (deny["Effect"], deny["Resource"]) == ("Deny", "execute-api:/live/POST/*")
    assert deny["Condition"] == {"NotIpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/24"]}}


def test_without_networks_nobody_is_kept_away_by_address() -> None:
    statements = document("link", api_keys=True)["x-amazon-apigateway-policy"]["Statement"]
    assert [statement["Effect"] for statement in statements] == ["Allow"]


def test_a_request_is_checked_by_the_models_schema() -> None:
    found = document("link", request_schema=SCHEMA)
    post = found["paths"]["/invocations"]["post"]
    assert found["x-amazon-apigateway-request-validators"][post["x-amazon-apigateway-request-validator"]] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }
    reference = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/Request"
    assert found["components"]["schemas"]["Request"]["required"] == ["instances"]
    assert "$schema" not in found["components"]["schemas"]["Request"]


def test_another_content_type_is_no_way_around_the_schema() -> None:
    content = document("link", request_schema=SCHEMA)["paths"]["/invocations"]["post"]["requestBody"]["content"]
    assert set(content) == {*READ, *VENDOR_TYPES}
    assert len({json.dumps(one) for one in content.values()}) == 1


def test_a_model_in_the_cluster_is_called_over_the_link_where_the_stage_says() -> None:
    call, ping = integration("link"), integration("link", "/ping", "get")
    assert (call["connectionType"], call["connectionId"], call["type"]) == ("VPC_LINK", "link12", "http_proxy")
    assert call["uri"] == "http://${stageVariables.backend}/invocations"
    assert ping["uri"] == "http://${stageVariables.stable}/ping"  # a canary shifts calls, never health


def test_keys_and_tokens_of_callers_go_no_further_than_the_api() -> None:
    passed = integration("link")["requestParameters"]
    assert passed["integration.request.header.x-api-key"] == passed["integration.request.header.Authorization"] == "'-'"


def test_an_endpoint_gets_content_type_and_what_is_accepted_but_no_choice_of_variant() -> None:
    call = integration("endpoint")
    assert call["uri"].endswith(":runtime.sagemaker:path//endpoints/demo-aws-eu-west-1-models-fraud/invocations")
    parameters = call["requestParameters"]
    assert parameters["integration.request.header.Content-Type"] == "method.request.header.Content-Type"
    assert parameters["integration.request.header.Accept"] == "method.request.header.Accept"
    assert not [name for name in parameters if "Target" in name]


def test_every_header_that_is_mapped_is_declared() -> None:
    for kind in ("endpoint", "later"):
        post = document(kind)["paths"]["/invocations"]["post"]
        declared = {f"method.request.header.{one['name']}" for one in post["parameters"]}
        assert set(post["x-amazon-apigateway-integration"]["requestParameters"].values()) == declared


def test_every_status_that_is_answered_is_declared() -> None:
    for kind in TARGETS:
        for path in document(kind)["paths"].values():
            for operation in path.values():
                answers = operation["x-amazon-apigateway-integration"]["responses"].values()
                assert {answer["statusCode"] for answer in answers} <= set(operation["responses"])


def test_an_error_of_the_models_own_is_502_or_the_refusal_that_it_meant() -> None:
    answer = integration("endpoint")["responses"]["424"]
    template = answer["responseTemplates"]["application/json"]
    assert answer["statusCode"] == "502"
    assert "$input.path('$.OriginalStatusCode')" in template
    assert "#if($status >= 400 && $status < 500)" in template
    assert "$context.responseOverride.status = $status" in template


def test_a_missing_right_or_endpoint_is_our_error_and_tells_nothing_of_the_account() -> None:
    responses = integration("endpoint")["responses"]
    assert responses["default"]["statusCode"] == "502"
    assert not {"403", "404", "500"} & set(responses)
    texts = [
        json.loads(one["responseTemplates"]["application/json"])
        for name, one in responses.items()
        if name not in {"200", "424"}
    ]
    assert all(list(text) == ["error"] for text in texts)


def test_health_of_an_endpoint_says_that_the_api_answers() -> None:
    ping = integration("endpoint", "/ping", "get")
    assert (ping["type"], ping["requestTemplates"]) == ("mock", {"application/json": '{"statusCode": 200}'})


def test_an_endpoint_that_answers_later_takes_the_name_of_an_object_and_gives_one() -> None:
    call = integration("later")
    assert call["uri"].endswith("/endpoints/later/async-invocations")
    required = [
        one["name"] for one in document("later")["paths"]["/invocations"]["post"]["parameters"] if one["required"]
    ]
    assert required == ["X-Amzn-SageMaker-InputLocation"]
    assert "method.response.header.X-Amzn-SageMaker-OutputLocation" in call["responses"]["202"]["responseParameters"]


def test_a_function_answers_calls_and_health_itself() -> None:
    assert integration("function") == integration("function", "/ping", "get")
    assert integration("function")["type"] == "aws_proxy"
    assert f"/functions/{ALIAS}/invocations" in integration("function")["uri"]


def test_china_is_called_by_its_own_names() -> None:
    shape = ApiShape(name="demo", region="cn-north-1", target=ENDPOINT, timeout_ms=29_000)
    text = as_text(definition(shape, Known(reached=REACHED["role"])))
    assert "arn:aws-cn:apigateway:cn-north-1:runtime.sagemaker:" in text


def test_the_wait_is_the_one_that_was_asked_for() -> None:
    target, reached = TARGETS["link"]
    shape = ApiShape(name="demo", region="eu-west-1", target=target, timeout_ms=5000)
    found = json.loads(as_text(definition(shape, Known(reached=reached))))
    waits = {
        operation["x-amazon-apigateway-integration"]["timeoutInMillis"]
        for path in found["paths"].values()
        for operation in path.values()
    }
    assert waits == {5000}


def test_what_has_not_the_form_of_a_token_never_reaches_the_function() -> None:
    scheme = document("link", JUDGE)["components"]["securitySchemes"]["callerToken"]
    judge = scheme["x-amazon-apigateway-authorizer"]
    assert (judge["type"], judge["identityValidationExpression"]) == ("token", FORM_OF_TOKENS)
    assert judge["authorizerResultTtlInSeconds"] == 60


def test_the_digest_changes_with_the_resource_policy_too() -> None:
    wide, narrow = (as_text(document("link", networks=networks)) for networks in ((), GUARDED["networks"]))
    assert digest(wide) != digest(narrow)
