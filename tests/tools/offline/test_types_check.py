"""The check of inputs against the installed SDK: every kind of mistake is refused, with its path."""

from __future__ import annotations

from typing import Any

import pytest

from tools.offline.protocol.values import SECRET, SIGNATURE, UNKNOWN
from tools.offline.types.check import check_inputs

VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RULE = {"protocol": "tcp", "fromPort": 1, "toPort": 2}


def problems(token: str, **inputs: Any) -> list[str]:
    return [str(problem) for problem in check_inputs(token, inputs)]


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def deployment(**container: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "server", **container}]}}
    spec = {"selector": {"matchLabels": {"app": "fraud"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "fraud"}, "spec": spec}


def test_right_inputs_have_no_problem() -> None:
    assert problems(VPC, cidrBlock="10.0.0.0/16", tags={"any key at all": "x"}) == []
    assert problems(GROUP, ingress=[RULE]) == []
    assert problems(DEPLOYMENT, **deployment(image="a@sha256:0")) == []


def test_an_unknown_type_is_an_error_with_a_near_match() -> None:
    assert problems("aws:ec2/vcp:Vcp") == [
        "the installed SDK has no resource type aws:ec2/vcp:Vcp; did you mean aws:ec2/vpc:Vpc?"
    ]
    assert "no resource type" in problems("kubernetes:apps/v1:Deploymnt")[0]


def test_an_unknown_key_is_refused_with_a_near_match() -> None:
    assert problems(VPC, cidrBlok="10.0.0.0/16") == ['cidrBlok: unknown key; did you mean "cidrBlock"?']


def test_a_python_name_on_the_wire_is_refused_at_every_depth() -> None:
    assert problems(VPC, cidr_block="10.0.0.0/16") == ['cidr_block: unknown key; did you mean "cidrBlock"?']
    assert problems(GROUP, ingress=[{**RULE, "cidr_blocks": ["10.0.0.0/8"]}]) == [
        'ingress[0].cidr_blocks: unknown key; did you mean "cidrBlocks"?'
    ]


def test_a_misspelt_nested_key_is_refused_with_its_path() -> None:
    wrong = deployment(image="a", readinesProbe={"httpGet": {"port": "http"}})
    assert problems(DEPLOYMENT, **wrong) == [
        'spec.template.spec.containers[0].readinesProbe: unknown key; did you mean "readinessProbe"?'
    ]


def test_a_missing_required_property_is_refused_at_every_depth() -> None:
    assert problems("aws:ec2/subnet:Subnet", cidrBlock="10.0.0.0/24") == ["vpcId: required, but not given"]
    assert problems(GROUP, ingress=[{"protocol": "tcp", "fromPort": 1}]) == [
        "ingress[0].toPort: required, but not given"
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("5", "got string, want integer"),
        (True, "got boolean, want integer"),
        (5.5, "got number, want integer"),
        ([5], "got list, want integer"),
        ({"a": 1}, "got object, want integer"),
    ],
)
def test_a_wrong_scalar_is_refused(given: Any, message: str) -> None:
    assert problems(GROUP, ingress=[{**RULE, "toPort": given}]) == [f"ingress[0].toPort: {message}"]


def test_a_number_is_no_string_and_a_map_checks_its_values() -> None:
    assert problems(VPC, cidrBlock=5) == ["cidrBlock: got number, want string"]
    assert problems(VPC, cidrBlock="10.0.0.0/16", tags={"team": 1}) == ["tags.team: got number, want string"]


def test_a_closed_enum_is_checked_and_an_open_one_is_not() -> None:
    assert problems(DEPLOYMENT, **{**deployment(), "kind": "Deploy"}) == [
        'kind: got "Deploy", want one of "Deployment"'
    ]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"type": "Whatever"}}
    assert problems("kubernetes:core/v1:Service", **service) == []


def test_a_choice_of_types_takes_each_and_nothing_else() -> None:
    for port in ("http", 8080):
        assert problems(DEPLOYMENT, **deployment(livenessProbe={"httpGet": {"port": port}})) == []
    assert problems(DEPLOYMENT, **deployment(livenessProbe={"httpGet": {"port": True}})) == [
        "spec.template.spec.containers[0].livenessProbe.httpGet.port: got boolean, want integer or string"
    ]


def test_unknowns_pass_and_secrets_are_opened() -> None:
    assert problems(VPC, cidrBlock=UNKNOWN, tags=UNKNOWN) == []
    assert problems(VPC, cidrBlock=secret("10.0.0.0/16")) == []
    assert problems(VPC, cidrBlock=secret(5)) == ["cidrBlock: got number, want string"]


def test_a_refused_value_is_not_shown_since_it_may_be_a_password() -> None:
    assert "hunter" not in problems("aws:ec2/vpc:Vpc", cidrBlock=["hunter2"])[0]


def test_a_provider_is_checked_through_its_json_texts() -> None:
    aws = "pulumi:providers:aws"
    assert problems(aws, region="eu-west-1", defaultTags='{"tags":{"a":"b"}}', version="7.51.1") == []
    assert problems(aws, regoin="eu-west-1", defaultTags='{"tag":{}}') == [
        'regoin: unknown key; did you mean "region"?',
        'defaultTags.tag: unknown key; did you mean "tags"?',
    ]


def test_a_custom_resource_has_an_open_spec_and_checked_metadata() -> None:
    token = "kubernetes:karpenter.sh/v1:NodePool"
    pool = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "spec": {"anything": [1]}}
    assert problems(token, **pool, metadata={"name": "gpu"}) == []
    assert problems(token, **pool, metadata={"nam": "gpu"}) == ['metadata.nam: unknown key; did you mean "name"?']


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:iam/role:Role", {"name": "r", "assumeRolePolicy": "{not json"}),
        ("aws:iam/policy:Policy", {"name": "p", "policy": "{"}),
        ("aws:kms/key:Key", {"policy": "{'single': 'quotes'}"}),
        (VPC, {"cidrBlock": "10.0.0.0"}),
        (VPC, {"cidrBlock": "10.0.0.1/16"}),
        ("aws:eks/cluster:Cluster", {"name": "c", "roleArn": "role/x", "vpcConfig": {"subnetIds": []}}),
        ("aws:iam/role:Role", {"name": "r" * 65, "assumeRolePolicy": "{}"}),
        ("kubernetes:core/v1:Namespace", {"metadata": {"name": "Upper_Case"}}),
    ],
)
def test_content_that_the_cloud_would_refuse_is_refused(token: str, inputs: dict[str, Any]) -> None:
    assert len(problems(token, **inputs)) == 1


def test_a_policy_that_is_only_a_name_is_no_json() -> None:
    association = {"clusterName": "c", "principalArn": "arn:aws:iam::123456789012:role/r", "accessScope": {}}
    arn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    scope = {"accessScope": {"type": "cluster"}, "policyArn": arn}
    assert problems("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", **{**association, **scope}) == []
