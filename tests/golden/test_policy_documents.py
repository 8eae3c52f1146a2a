"""Every policy document of every stack: AWS takes it, knows each word of it, and it allows no more than it names."""

from __future__ import annotations

import functools
import json
from collections import defaultdict

import pytest
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from tests.golden.graphs import STACKS, graph_of
from tests.golden.policy_documents import Document, documents, mistakes, wide

_A_BOUNDARY = "a boundary grants nothing: it says within which services and regions"
_READS = "reading how things are set up, which names what is in them nowhere; the boundary holds data back"
WIDE = {
    "WithinTheJurisdiction": _A_BOUNDARY,
    "LoadBalancersOwnRole": _A_BOUNDARY,
    "Ceiling": _A_BOUNDARY,
    "SetUps": _READS,
    "RegionalStacks": "network, cluster and keys have ids that AWS chooses; the boundary holds regions and data",
    "CostAnomalies": "ARNs of anomaly monitors and subscriptions hold no name",
    "KafkaSettings": "an id of Kafka's own ends their ARNs, and of what is not made yet there is none",
    "Mappings": "their ARNs hold no name; the condition holds them to the environment's functions",
    "WithinTheAccount": "an endpoint lets the account's own calls through; what each may do its role says",
    "ReadAnywhere": "images' layers lie in buckets of AWS; only reading, through the network's own endpoint",
}
"""Statements that allow what they do not name, by their word, and why there is no narrower one."""

# "IAM and AWS STS quotas", "Key policies in AWS KMS", "Bucket policies", from knowledge: characters, white space and
# line ends left out where AWS leaves them out.
_LONGEST = {
    "aws:iam/policy:Policy": 6144,
    "aws:kms/key:Key": 32_768,
    "aws:s3/bucketPolicy:BucketPolicy": 20_480,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": 10_240,
}
_LONGEST_TRUST = 2048
_LONGEST_OF_A_ROLE = 10_240  # all inline policies of one role together


@functools.cache
def found() -> tuple[Document, ...]:
    return tuple(document for stack in STACKS for document in documents(stack, graph_of(stack)))


def test_there_are_documents_of_every_kind() -> None:
    kinds = {document.type.rpartition(":")[2] for document in found()}
    assert {"BucketPolicy", "Key", "Policy", "RepositoryPolicy", "Role", "RolePolicy", "Topic", "VpcEndpoint"} <= kinds


def test_aws_knows_every_action_resource_and_condition_key() -> None:
    wrong = {f"{document.where}: {mistake}" for document in found() for mistake in mistakes(document)}
    assert not wrong, "\n".join(sorted(wrong))


def test_nothing_is_allowed_that_is_not_named_but_for_a_reason() -> None:
    wrong = {f"{one.where}: {sid}: {what}" for one in found() for sid, what in wide(one) if sid not in WIDE}
    assert not wrong, "\n".join(sorted(wrong))


def test_every_reason_is_still_needed() -> None:
    assert {sid for document in found() for sid, _ in wide(document)} == set(WIDE)


def test_iam_s_grammar_is_kept() -> None:
    """By moto's reading of IAM's grammar; policies with principals have another grammar, which it does not know."""
    wrong: dict[str, str] = {}
    for document in found():
        try:
            if document.path == ".assumeRolePolicy":
                IAMTrustPolicyDocumentValidator(document.text).validate()
            elif document.type in ("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"):
                IAMPolicyDocumentValidator(document.text).validate()
        except MalformedPolicyDocument as error:
            wrong[document.where] = str(error)
    assert not wrong


@pytest.mark.parametrize("kind", sorted(_LONGEST))
def test_no_document_is_longer_than_aws_takes(kind: str) -> None:
    long = {one.where: len(one.text) for one in found() if one.type == kind and len(one.text) > _LONGEST[kind]}
    assert not long


def test_no_role_carries_more_than_aws_takes() -> None:
    inline: dict[tuple[str, str], int] = defaultdict(int)
    for document in found():
        if document.type == "aws:iam/rolePolicy:RolePolicy":
            inline[document.stack, document.role] += len(document.text)
        if document.path == ".assumeRolePolicy":
            assert len(document.text) <= _LONGEST_TRUST, document.where
    assert inline
    assert {role: size for role, size in inline.items() if size > _LONGEST_OF_A_ROLE} == {}


ALLOWS = {"Effect": "Allow", "Sid": "Try", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}


def tried(kind: str = "aws:iam/policy:Policy", /, **change: object) -> Document:
    body = {"Version": "2012-10-17", "Statement": [{**ALLOWS, **change}]}
    return Document(stack="s", type=kind, name="n", path=".policy", role="", text=json.dumps(body))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Action": ["s3:FetchObject"]}, "there is no action s3:FetchObject"),
        ({"Action": ["s4:GetObject"]}, "there is no action s4:GetObject"),
        ({"Resource": ["arn:aws:s3:::bucket"]}, "s3:GetObject concerns none of"),
        ({"Resource": ["arn:aws:s3:::b/*", "arn:aws:kms:eu-west-1:1:key/x"]}, "no action concerns arn:aws:kms"),
        ({"Action": ["ecr:GetAuthorizationToken"]}, "it concerns no resource: write *"),
        (
            {"Condition": {"StringEquals": {"kms:ViaService": "x"}}},
            "no action carries the condition key kms:ViaService",
        ),
        (
            {
                "Action": ["kms:Decrypt", "kms:DescribeKey"],
                "Resource": ["arn:aws:kms:eu-west-1:1:key/x"],
                "Condition": {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "x"}},
            },
            "kms:DescribeKey: never allowed",
        ),
    ],
)
def test_a_slip_is_found(change: dict[str, object], said: str) -> None:
    assert any(said in mistake for mistake in mistakes(tried(**change)))
    assert not list(mistakes(tried()))


def test_wildcards_are_found_where_they_allow_something() -> None:
    assert list(wide(tried(Action=["s3:Get*"]))) == [("Try", "s3:Get*")]
    assert list(wide(tried(Resource=["*"]))) == [("Try", "s3:GetObject on *")]
    assert not list(wide(tried(Resource=["*"], Effect="Deny")))
    assert not list(wide(tried(Action=["ecr:GetAuthorizationToken"], Resource=["*"])))
    assert not list(wide(tried("aws:kms/key:Key", Action=["kms:Decrypt"], Resource=["*"])))
