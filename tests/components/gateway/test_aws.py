"""What stands in front of every API of a region."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.gateway.aws import AwsGateway, AwsGatewayArgs, gateway_log_groups
from components.gateway.aws_private_link import PrivateWay
from tests.recorder import UNKNOWN, Graph, record

ACCOUNT, STACK = "123456789012", "demo-aws-eu-west-1"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/logs"
WAY = PrivateWay(
    vpc_id="vpc-1",
    subnet_ids={"eu-west-1b": "subnet-b", "eu-west-1a": "subnet-a"},
    node_security_group_id="sg-nodes",
)
ARGS = AwsGatewayArgs(
    stack=STACK,
    account=ACCOUNT,
    region="eu-west-1",
    logs_key_arn=KEY,
    permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    way=WAY,
)


@cache
def gateway(*, private: bool = True, preview: bool = False, **change: Any) -> Graph:
    args = replace(ARGS, way=WAY if private else None, **change)

    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT])
        made = AwsGateway("gateway", args, pulumi.ResourceOptions(provider=provider))
        for key, value in vars(made.outputs).items():
            pulumi.export(key, value)

    return record(program, preview=preview)


def rules() -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in gateway().one("WebAcl")["rules"]}


def test_three_groups_of_aws_turn_away_and_limits_for_each_address() -> None:
    assert sorted(rules(), key=lambda name: rules()[name]["priority"]) == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
        "rate-per-address",
        "health-per-address",
    ]
    assert gateway().one("WebAcl")["scope"] == "REGIONAL"
    groups = [rule for rule in rules().values() if "overrideAction" in rule]
    assert {json.dumps(rule["overrideAction"]) for rule in groups} == {'{"none": {}}'}  # none: they do as they say


def test_a_body_is_never_turned_away_for_its_size_or_for_looking_like_a_page() -> None:
    common = rules()["AWSManagedRulesCommonRuleSet"]["statement"]["managedRuleGroupStatement"]
    counted = {one["name"] for one in common["ruleActionOverrides"]}
    kinds = ("CrossSiteScripting", "EC2MetaDataSSRF", "GenericLFI", "GenericRFI", "SizeRestrictions")
    assert counted == {f"{kind}_BODY" for kind in kinds}
    assert {json.dumps(one["actionToUse"]) for one in common["ruleActionOverrides"]} == {'{"count": {}}'}


@pytest.mark.parametrize(
    ("name", "method", "limit"), [("rate-per-address", "POST", 10), ("health-per-address", "GET", 3000)]
)
def test_an_address_that_asks_too_often_is_told_so_and_a_limit_of_calls_stops_no_health_checker(
    name: str, method: str, limit: int
) -> None:
    asked = gateway(requests_per_5_minutes=10).one("WebAcl")
    rate = {rule["name"]: rule for rule in asked["rules"]}[name]
    statement = dict(rate["statement"]["rateBasedStatement"])
    match = statement.pop("scopeDownStatement")["byteMatchStatement"]
    assert statement == {"aggregateKeyType": "IP", "evaluationWindowSec": 300, "limit": limit}
    assert (match["searchString"], match["positionalConstraint"]) == (method, "EXACTLY")
    assert match["fieldToMatch"] == {"method": {}}
    assert rate["action"] == {"block": {"customResponse": {"responseCode": 429}}}


def test_what_is_turned_away_is_logged_without_secrets_and_nothing_is_kept_as_a_sample() -> None:
    logging = gateway().one("WebAclLoggingConfiguration")
    headers = {one["singleHeader"]["name"] for one in logging["redactedFields"] if "singleHeader" in one}
    assert headers == {"authorization", "cookie", "x-api-key"}
    assert {"queryString": {}} in logging["redactedFields"]
    assert logging["loggingFilter"]["defaultBehavior"] == "DROP"
    access = gateway().one("WebAcl")
    seen = [access["visibilityConfig"], *(rule["visibilityConfig"] for rule in access["rules"])]
    assert {one["sampledRequestsEnabled"] for one in seen} == {False}


def test_both_log_groups_are_encrypted_end_and_bear_the_names_that_the_key_knows() -> None:
    groups = gateway().all("LogGroup")
    assert {group["name"] for group in groups} == set(gateway_log_groups(STACK))
    assert {(group["kmsKeyId"], group["retentionInDays"] > 0) for group in groups} == {(KEY, True)}
    assert any(group["name"].startswith("aws-waf-logs-") for group in groups)  # WAF takes no other beginning


def test_the_log_role_writes_groups_of_api_gateway_only() -> None:
    policy = json.loads(gateway().one("RolePolicy")["policy"])["Statement"]
    writes = next(statement for statement in policy if statement["Sid"] == "WriteLogs")
    assert writes["Resource"] == [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/apigateway/*"]
    assert gateway_log_groups(STACK)[0].startswith("/aws/apigateway/")


def test_the_role_is_lent_to_api_gateway_which_names_no_account() -> None:
    trust = json.loads(gateway().one("Role")["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert trust["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}


def test_the_account_gets_its_role_once_the_role_may_write() -> None:
    graph = gateway()
    setting = graph.one("aws:apigateway/account:Account")
    assert setting["cloudwatchRoleArn"] == graph.one("Role").outputs["arn"]
    assert graph.one("RolePolicy").urn in setting.dependencies


def test_the_balancer_is_internal_and_lets_nothing_in_but_the_private_link() -> None:
    graph = gateway()
    balancer = graph.one("LoadBalancer")
    assert (balancer["internal"], balancer["loadBalancerType"]) == (True, "network")
    assert balancer["subnets"] == ["subnet-a", "subnet-b"]
    assert balancer["enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "off"
    own = graph.one("SecurityGroup").id
    assert balancer["securityGroups"] == [own]
    assert own not in {rule["securityGroupId"] for rule in graph.all("SecurityGroupIngressRule")}


def test_from_the_balancer_calls_reach_node_ports_of_nodes_and_nothing_else() -> None:
    graph = gateway()
    inward, outward = graph.one("SecurityGroupIngressRule"), graph.one("SecurityGroupEgressRule")
    own = graph.one("SecurityGroup").id
    assert (inward["securityGroupId"], inward["referencedSecurityGroupId"]) == ("sg-nodes", own)
    assert (outward["securityGroupId"], outward["referencedSecurityGroupId"]) == (own, "sg-nodes")
    assert {(rule["fromPort"], rule["toPort"], rule["ipProtocol"]) for rule in (inward, outward)} == {
        (30000, 32767, "tcp")
    }


def test_the_link_leads_to_the_balancer_and_the_outputs_name_both() -> None:
    graph = gateway()
    link, balancer = graph.one("VpcLink"), graph.one("LoadBalancer")
    assert link["targetArn"] == balancer.outputs["arn"]
    assert (graph.outputs["link"], graph.outputs["balancer"]) == (link.id, balancer.outputs["arn"])
    assert graph.outputs["balancer_host"] == balancer.outputs["dnsName"]


def test_without_a_model_in_the_cluster_there_is_no_way_in() -> None:
    graph = gateway(private=False)
    assert not [*graph.all("LoadBalancer"), *graph.all("VpcLink"), *graph.all("SecurityGroup")]
    assert graph.outputs["access_logs"].endswith(f":log-group:/aws/apigateway/{STACK}")


def test_a_preview_knows_names_though_no_arn() -> None:
    graph = gateway(preview=True)
    assert graph.one("WebAcl")["name"] == STACK
    assert graph.one("VpcLink")["targetArn"] == UNKNOWN


def test_logs_stay_where_data_is_protected() -> None:
    assert {group["deletionProtectionEnabled"] for group in gateway(protect_logs=True).all("LogGroup")} == {True}


def test_a_limit_below_that_of_waf_is_refused() -> None:
    with pytest.raises(ValueError, match="requests_per_5_minutes: got 9; allowed: 10 or more"):
        gateway(requests_per_5_minutes=9)


def test_a_way_in_through_one_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="subnet_ids: got zones"):
        replace(WAY, subnet_ids={"eu-west-1a": "subnet-a"})
