"""The regional certificate of a jurisdiction."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pytest

from components.certificate.aws import AwsCertificate, AwsCertificateArgs
from tests.recorder import Graph, record


def _program() -> None:
    provider = aws.Provider("aws", region="eu-west-1")
    certificate = AwsCertificate(
        "certificate",
        AwsCertificateArgs(domain="demo.example.com", jurisdiction="eu"),
        pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export("identifier", certificate.outputs.identifier)
    pulumi.export("domain", certificate.outputs.domain)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return record(_program)


def test_the_certificate_covers_every_model_of_the_jurisdiction_and_no_other(graph: Graph) -> None:
    assert graph.one("Certificate").inputs == {"domainName": "*.eu.demo.example.com", "validationMethod": "DNS"}
    assert graph.outputs["domain"] == "*.eu.demo.example.com"


def test_the_identifier_is_known_only_when_the_certificate_is_issued(graph: Graph) -> None:
    issued = graph.one("CertificateValidation")
    assert issued["certificateArn"] == graph.one("Certificate").outputs["arn"] == graph.outputs["identifier"]


def test_a_missing_record_ends_the_wait_before_long(graph: Graph) -> None:
    assert graph.one("CertificateValidation").options["custom_timeouts"]["create"] == "15m"


def test_no_dns_record_is_owned(graph: Graph) -> None:
    assert graph.all("Record") == ()


def test_a_preview_declares_the_same(graph: Graph) -> None:
    assert {one.urn for one in record(_program, preview=True).resources} == {one.urn for one in graph.resources}
