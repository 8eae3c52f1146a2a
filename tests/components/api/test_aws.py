"""A model's API: guards, limits, the stage, the canary, and the public name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.api.aws_access_log import access_log_format
from components.api.aws_callers import Rate
from components.api.aws_trust_store import AwsTrustStoreArgs
from components.api.targets import EndpointTarget, LinkTarget
from tests.components.api.parts import (
    ACCOUNT,
    ALIAS,
    ARGS,
    BALANCER,
    ENDPOINT,
    FUNCTION,
    HOST,
    ISSUER,
    KEY,
    LINK,
    PEM,
    STACK,
    api,
)
from tests.recorder import UNKNOWN

KEYS = {"shop": KEY, "till": KEY[::-1]}
LIMITED = {"keys": KEYS, "rate": Rate(per_second=200, burst=400), "quota_per_day": 1_000_000}


def body(**change: Any) -> dict[str, Any]:
    return json.loads(api(**change).one("RestApi")["body"])


def test_api_and_name_answer_in_their_region_only() -> None:
    graph = api()
    assert graph.one("RestApi")["endpointConfiguration"] == {"types": "REGIONAL"}
    assert graph.one("DomainName")["endpointConfiguration"] == {"types": "REGIONAL"}
    assert graph.one("DomainName")["domainName"] == HOST


def test_a_definition_that_api_gateway_does_not_wholly_understand_is_refused_not_taken_in_part() -> None:
    asked = api().one("RestApi")
    assert (asked["failOnWarnings"], asked["putRestApiMode"]) == (True, "overwrite")


def test_another_definition_is_another_deployment_and_the_same_one_is_not() -> None:
    triggers = [api(timeout_ms=wait).one("Deployment")["triggers"]["definition"] for wait in (29_000, 28_000)]
    assert triggers[0] != triggers[1]
    assert api(LinkTarget(link_id="link12", host=BALANCER, stable_port=31000)).one("Deployment")["triggers"] == {
        "definition": triggers[0]
    }


def test_a_candidate_gets_its_part_of_the_calls_and_health_is_the_stable_ones() -> None:
    stage = api().one("Stage")
    assert stage["variables"] == {"backend": f"{BALANCER}:30001", "stable": f"{BALANCER}:30001"}
    assert stage["canarySettings"]["percentTraffic"] == 10
    assert stage["canarySettings"]["stageVariableOverrides"] == {"backend": f"{BALANCER}:30002"}
    assert stage["canarySettings"]["deploymentId"] == stage["deployment"]


def test_another_weight_changes_the_stage_and_nothing_else() -> None:
    heavier = {one.urn: one.inputs for one in api(replace(LINK, candidate_weight=40)).resources}
    changed = [one.name for one in api().resources if heavier[one.urn] != one.inputs]
    assert changed == ["fraud-api-live"]
    assert len(heavier) == len(api().resources)


@pytest.mark.parametrize(
    "target", [LinkTarget(link_id="link12", host=BALANCER, stable_port=1, candidate_port=2), ENDPOINT, FUNCTION]
)
def test_without_a_candidates_weight_nothing_is_shifted(target: Any) -> None:
    assert "canarySettings" not in api(target).one("Stage").inputs


def test_the_web_access_list_stands_before_the_public_name_leads_here() -> None:
    graph = api()
    tied = graph.one("WebAclAssociation")
    assert (tied["resourceArn"], tied["webAclArn"]) == (graph.one("Stage").outputs["arn"], ARGS.web_acl_arn)
    assert tied.urn in graph.one("BasePathMapping").dependencies


def test_calls_are_logged_without_what_was_asked() -> None:
    stage = api().one("Stage")
    assert stage["accessLogSettings"] == {"destinationArn": ARGS.access_logs_arn, "format": access_log_format()}
    assert stage["xrayTracingEnabled"] is False
    words = access_log_format()
    for secret in ('identity.apiKey"', "query", "header", "body", "clientCertPem", "user-agent"):
        assert secret not in words


def test_a_line_of_the_log_is_never_cut() -> None:
    names = json.loads(access_log_format())
    values = {"subject": 128, "host": 80, "client_certificate": 59, "address": 39, "request": 36}
    line = json.dumps({name: "x" * values.get(name, 30) for name in names}, separators=(",", ":"))
    assert len(line) < 1024  # API Gateway cuts longer events


def test_the_execution_with_its_bodies_is_never_logged() -> None:
    settings = [one["settings"] for one in api().all("MethodSettings")]
    assert {(one["loggingLevel"], one["dataTraceEnabled"]) for one in settings} == {("OFF", False)}
    assert {one["metricsEnabled"] for one in settings} == {True}


def test_each_key_has_its_own_rate_and_quota_and_all_keys_share_no_other_limit() -> None:
    graph = api(**LIMITED)
    plan = graph.one("UsagePlan")
    assert plan["throttleSettings"] == {"rateLimit": 200, "burstLimit": 400}
    assert plan["quotaSettings"] == {"limit": 1_000_000, "period": "DAY"}
    assert plan["apiStages"] == [{"apiId": graph.one("RestApi").id, "stage": "live"}]
    invoke = graph.one("MethodSettings", "fraud-api-invoke")["settings"]
    assert "throttlingRateLimit" not in invoke


def test_without_keys_the_rate_holds_for_all_calls_and_health_has_one_of_its_own() -> None:
    graph = api(rate=Rate(per_second=50, burst=60))
    settings = {one["methodPath"]: one["settings"] for one in graph.all("MethodSettings")}
    assert settings["invocations/POST"]["throttlingRateLimit"] == 50
    assert settings["invocations/POST"]["throttlingBurstLimit"] == 60
    assert settings["ping/GET"]["throttlingRateLimit"] == 20


def test_one_setting_of_the_stage_is_made_after_the_other() -> None:
    graph = api()
    first, second = graph.one("MethodSettings", "fraud-api-invoke"), graph.one("MethodSettings", "fraud-api-ping")
    assert first.urn in second.dependencies


def test_each_caller_has_a_key_with_the_value_that_was_given_and_it_is_a_secret() -> None:
    graph = api(**LIMITED)
    keys = {key["name"].rpartition("-")[2]: key for key in graph.all("ApiKey")}
    assert {caller: key["value"] for caller, key in keys.items()} == KEYS
    assert all("value" in key.secrets for key in keys.values())
    assert {one["keyId"] for one in graph.all("UsagePlanKey")} == {key.id for key in keys.values()}
    assert KEY not in graph.text()


def test_a_key_that_is_easily_guessed_is_refused_without_showing_it() -> None:
    with pytest.raises(pulumi.RunError, match="the key of caller 'shop' has 5 characters; allowed: 20 to 128") as told:
        api(keys={"shop": "short"})
    assert "short" not in str(told.value)


def test_an_endpoint_is_called_by_a_role_that_may_do_nothing_else() -> None:
    graph = api(ENDPOINT)
    statement = json.loads(graph.one("RolePolicy")["policy"])["Statement"]
    assert [(one["Action"], one["Resource"]) for one in statement] == [
        (["sagemaker:InvokeEndpoint"], [f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/{STACK}-fraud"])
    ]
    integration = body(target=ENDPOINT)["paths"]["/invocations"]["post"]["x-amazon-apigateway-integration"]
    assert integration["credentials"] == graph.one("Role").outputs["arn"]
    assert graph.one("RolePolicy").urn in graph.one("Stage").dependencies


def test_an_endpoint_that_answers_later_is_called_by_the_other_right() -> None:
    graph = api(EndpointTarget(name="later", asynchronous=True))
    assert json.loads(graph.one("RolePolicy")["policy"])["Statement"][0]["Action"] == ["sagemaker:InvokeEndpointAsync"]


def test_a_function_lets_this_api_call_its_alias_before_calls_come() -> None:
    graph = api(FUNCTION)
    right, made = graph.one("Permission"), graph.one("RestApi")
    assert (right["function"], right["qualifier"]) == (f"{STACK}-fraud", "live")
    assert right["sourceArn"] == f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:{made.id}/live/*"
    assert ALIAS in body(target=FUNCTION)["paths"]["/ping"]["get"]["x-amazon-apigateway-integration"]["uri"]
    assert right.urn in graph.one("Stage").dependencies


def test_tokens_are_judged_by_a_function_that_this_api_alone_may_call() -> None:
    graph = api(tokens=ISSUER)
    function, right = graph.one("Function"), graph.one("Permission")
    scheme = body(tokens=ISSUER)["components"]["securitySchemes"]["callerToken"]
    assert scheme["x-amazon-apigateway-authorizer"]["authorizerUri"] == function.outputs["invokeArn"]
    assert right["function"] == function["name"]
    assert right["sourceArn"].endswith(f":{graph.one('RestApi').id}/authorizers/*")


def test_without_certificates_health_is_asked_at_the_apis_own_host() -> None:
    graph = api()
    assert graph.outputs["health_host"] == f"{graph.one('RestApi').id}.execute-api.eu-west-1.amazonaws.com"
    assert graph.outputs["health_path"] == "/live/ping"
    assert graph.one("RestApi")["disableExecuteApiEndpoint"] is False
    assert graph.outputs["hostname"] == graph.one("DomainName").outputs["regionalDomainName"]


def test_with_certificates_no_host_is_left_that_asks_for_none() -> None:
    graph = api(authorities=PEM)
    name = graph.one("DomainName")
    assert graph.one("RestApi")["disableExecuteApiEndpoint"] is True
    file = graph.one("BucketObjectv2")
    assert name["mutualTlsAuthentication"] == {
        "truststoreUri": f"s3://{file['bucket']}/authorities.pem",
        "truststoreVersion": file.outputs["versionId"],
    }
    assert file["content"] == PEM
    assert graph.one("BucketVersioning").urn in file.dependencies  # put in before, it would have no version to name
    assert (graph.outputs["health_host"], graph.outputs["health_path"]) == (graph.outputs["hostname"], "")


@pytest.mark.parametrize(
    ("authorities", "policy", "mode"),
    [(None, "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", "STRICT"), (PEM, "TLS_1_2", None)],
)
def test_tls_is_as_new_as_the_guards_allow(authorities: str | None, policy: str, mode: str | None) -> None:
    graph = api(authorities=authorities)
    for one in (graph.one("RestApi"), graph.one("DomainName")):
        assert (one["securityPolicy"], one.inputs.get("endpointAccessMode")) == (policy, mode)
    document = body(authorities=authorities)
    assert document.get("x-amazon-apigateway-security-policy") == (policy if mode else None)


def test_what_a_model_costs_can_be_told() -> None:
    graph = api(**LIMITED)
    tagged = [*graph.all("RestApi"), *graph.all("Stage"), *graph.all("ApiKey"), *graph.all("UsagePlan")]
    assert {json.dumps(one["tags"]) for one in tagged} == {'{"homeport:model": "fraud"}'}


def test_a_preview_knows_names_and_limits_though_no_id() -> None:
    graph = api(preview=True, **LIMITED)
    assert graph.one("DomainName")["domainName"] == HOST
    assert graph.one("Stage")["restApi"] == UNKNOWN
    assert graph.outputs["health_path"] == "/live/ping"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networks": ()}, "networks: got none, and no keys, tokens or authorities"),
        ({"quota_per_day": 5}, "quota_per_day: got 5 without keys"),
        ({"timeout_ms": 29_001}, r"timeout_ms: got 29001; allowed: 50 to 29000.*mode: async"),
        ({"timeout_ms": 10}, "timeout_ms: got 10"),
        ({"body_mb": 11}, r"body_mb: got 11; allowed: 1 to 10 .*mode: async"),
        ({"target": FUNCTION, "body_mb": 7}, "body_mb: got 7; allowed: 1 to 6 "),
        ({"authorities": "nothing"}, "authorities: got 0 certificates"),
        ({"request_schema": {"$ref": "other.json"}}, r"request_schema\.\$ref: got"),
    ],
)
def test_an_api_that_nobody_or_everybody_could_call_or_that_cannot_be_is_refused(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        api(**change)


def test_a_private_key_among_the_certificates_is_refused_without_showing_it() -> None:
    secret = PEM + "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    with pytest.raises(ValueError, match="authorities: got a private key") as told:
        AwsTrustStoreArgs(stack=STACK, model="fraud", account=ACCOUNT, region="eu-west-1", authorities=secret)
    assert "c2VjcmV0" not in str(told.value)


@pytest.mark.parametrize(("weight", "port"), [(101, 30002), (-1, 30002), (5, None)])
def test_a_weight_that_is_no_part_of_the_calls_is_refused(weight: int, port: int | None) -> None:
    with pytest.raises(ValueError, match=f"candidate_weight: got {weight}"):
        LinkTarget(link_id="l", host=BALANCER, stable_port=1, candidate_port=port, candidate_weight=weight)
