"""IAM documents: the same text for the same statements, and trust that names exactly one who may take a role."""

from __future__ import annotations

import json

from components.aws_policies import Statement, document, iam_arn, pod_trust, service_trust, workload_role_arn


def test_a_document_leaves_out_what_a_statement_does_not_have() -> None:
    text = document(Statement(sid="Read", actions=("s3:GetObject",), resources=("arn:aws:s3:::b/*",)))
    assert text == (
        '{"Statement":[{"Action":["s3:GetObject"],"Effect":"Allow","Resource":["arn:aws:s3:::b/*"],"Sid":"Read"}],'
        '"Version":"2012-10-17"}'
    )


def test_pods_of_one_service_account_of_one_cluster_take_a_role() -> None:
    cluster = "arn:aws:eks:eu-west-1:123456789012:cluster/demo"
    [statement] = json.loads(
        pod_trust(account="123456789012", cluster_arn=cluster, namespace="fraud", service_account="model")
    )["Statement"]
    assert statement == {
        "Sid": "AssumeByPods",
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "ArnEquals": {"aws:SourceArn": cluster},
            "StringEquals": {
                "aws:SourceAccount": "123456789012",
                "aws:RequestTag/kubernetes-namespace": "fraud",
                "aws:RequestTag/kubernetes-service-account": "model",
            },
        },
    }


def test_trust_in_a_service_without_conditions_has_no_condition() -> None:
    [statement] = json.loads(service_trust("ec2.amazonaws.com"))["Statement"]
    assert "Condition" not in statement


def test_arns_carry_the_partition_of_their_region() -> None:
    assert iam_arn("policy/X", region="cn-north-1", account="aws") == "arn:aws-cn:iam::aws:policy/X"
    assert workload_role_arn("x", region="eu-west-1", account="1") == "arn:aws:iam::1:role/homeport/x"
