"""The recorder of component tests: sees everything, refuses what engine or cloud would, leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from tests.recorder import UNKNOWN, Graph, record
from tools.offline.protocol.values import SIGNATURE


class Parent(pulumi.ComponentResource):
    """Holds whatever a test declares."""

    def __init__(self, name: str, declare: Callable[[pulumi.ResourceOptions], None], **options: object) -> None:
        super().__init__("homeport:test:Parent", name, None, pulumi.ResourceOptions(**options))
        declare(pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def provider() -> aws.Provider:
    return aws.Provider("aws", region="eu-west-1", allowed_account_ids=["123456789012"])


def network(child: pulumi.ResourceOptions) -> None:
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=child)
    aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=child)
    pulumi.export("vpc", vpc.arn)


def recorded(declare: Callable[[pulumi.ResourceOptions], None], *, preview: bool = False) -> Graph:
    return record(lambda: _ignore(Parent("parent", declare, provider=provider())), preview=preview)


def refused(program: Callable[[], object]) -> str:
    with pytest.raises(AssertionError) as raised:
        record(lambda: _ignore(program()))
    return str(raised.value)


def _ignore(_: object) -> None:
    return None


def test_inputs_are_resolved_and_have_their_wire_names() -> None:
    graph = recorded(network)
    assert graph.one("Subnet")["vpcId"] == graph.one("aws:ec2/vpc:Vpc", "vpc").id
    assert graph.outputs == {"vpc": graph.one("Vpc").outputs["arn"]}


def test_parent_provider_place_and_dependencies_are_seen() -> None:
    graph = recorded(network)
    subnet, parent = graph.one("Subnet"), graph.one("homeport:test:Parent")
    assert (subnet.provider, subnet.place, subnet.parent) == ("aws", "eu-west-1", parent.urn)
    assert subnet.urn == "urn:pulumi:test::homeport::homeport:test:Parent$aws:ec2/subnet:Subnet::subnet"
    assert graph.one("Vpc").urn in subnet.dependencies
    assert {one.name for one in graph.children(parent.urn)} == {"vpc", "subnet"}


def test_a_preview_has_the_same_resources_and_unknown_ids() -> None:
    preview = recorded(network, preview=True)
    assert [one.urn for one in preview.resources] == [one.urn for one in recorded(network).resources]
    assert preview.one("Subnet")["vpcId"] == UNKNOWN


def test_options_are_kept_where_they_were_given() -> None:
    def declare(child: pulumi.ResourceOptions) -> None:
        options = pulumi.ResourceOptions(protect=True, ignore_changes=["tags"])
        aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions.merge(child, options))

    assert recorded(declare).one("Vpc").options == {"protect": True, "ignore_changes": ["tags"]}


def test_a_duplicate_is_refused() -> None:
    def twice(child: pulumi.ResourceOptions) -> None:
        for _ in range(2):
            aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=child)

    assert "declared twice" in refused(lambda: Parent("parent", twice, provider=provider()))


def test_a_resource_outside_every_component_is_refused() -> None:
    found = refused(lambda: aws.ec2.Vpc("vpc", opts=pulumi.ResourceOptions(provider=provider())))
    assert "has no component as parent" in found


def test_a_default_provider_is_refused_for_resources_and_lookups() -> None:
    assert "has no explicit provider" in refused(lambda: Parent("parent", network))
    assert "uses a default provider" in refused(aws.get_availability_zones_output)


def test_a_component_that_never_registers_its_outputs_is_refused() -> None:
    assert "never calls register_outputs" in refused(lambda: pulumi.ComponentResource("homeport:test:Bare", "bare"))


def test_inputs_that_the_sdk_does_not_know_are_refused_all_at_once() -> None:
    def declare(child: pulumi.ResourceOptions) -> None:
        aws.ec2.Vpc("vpc", cidr_block=5, opts=child)
        aws.ec2.SecurityGroup("group", ingress=[{"protocl": "tcp"}], opts=child)

    found = refused(lambda: Parent("parent", declare, provider=provider()))
    assert "Vpc::vpc: cidrBlock: got number, want string" in found
    assert 'SecurityGroup::group: ingress[0].protocl: unknown key; did you mean "protocol"?' in found


def test_stack_references_answer_what_the_test_gives() -> None:
    def program() -> None:
        pulumi.export("cluster", pulumi.StackReference("platform").require_output("contract")["cluster"])

    graph = record(program, references={"platform": {"contract": {"cluster": "demo"}}})
    assert graph.outputs == {"cluster": "demo"}
    with pytest.raises(LookupError, match='unknown stack "platform"; references= of'):
        record(program)


def test_configuration_is_read_as_the_engine_gives_it() -> None:
    def program() -> None:
        pulumi.export("place", pulumi.Config().require_object("region")["place"])

    assert record(program, config={"homeport:region": {"place": "eu-west-1"}}).outputs == {"place": "eu-west-1"}
    with pytest.raises(pulumi.ConfigMissingError):
        record(program)


def test_secrets_are_opened_for_tests_and_hidden_in_the_text() -> None:
    def declare(child: pulumi.ResourceOptions) -> None:
        aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"key": pulumi.Output.secret("hunter2")}, opts=child)
        pulumi.export("password", pulumi.Output.secret("hunter2"))

    graph = recorded(declare)
    assert graph.one("Vpc")["tags.key"] == graph.outputs["password"] == "hunter2"
    assert "hunter2" not in graph.text()
    assert SIGNATURE not in graph.text()


def test_the_text_is_sorted_and_the_same_every_time() -> None:
    text = recorded(network).text()
    assert text == recorded(network).text()
    assert "aws:ec2/vpc:Vpc vpc\n  parent: homeport:test:Parent parent\n  provider: aws (eu-west-1)\n" in text


def test_an_object_is_placed_by_its_cluster() -> None:
    cluster = "arn:aws:eks:eu-west-1:123456789012:cluster/demo"

    def declare(child: pulumi.ResourceOptions) -> None:
        spec = {"type": "LoadBalancer", "ports": [{"port": 443}]}
        service = kubernetes.core.v1.Service("service", metadata={"name": "fraud"}, spec=spec, opts=child)
        pulumi.export("host", service.status.load_balancer.ingress[0].hostname)

    def program() -> None:
        Parent("parent", declare, provider=kubernetes.Provider("cluster", cluster_identifier=cluster, kubeconfig="{}"))

    graph = record(program)
    assert graph.one("Service").place == cluster
    assert graph.outputs["host"].endswith(".elb.eu-west-1.amazonaws.com")


def test_what_the_program_raises_comes_out_and_the_next_run_starts_from_nothing() -> None:
    def program() -> None:
        provider()
        raise ValueError("no such region")

    with pytest.raises(ValueError, match="no such region"):
        record(program)
    assert record(lambda: None) == Graph(resources=(), outputs={})


def test_an_input_that_was_not_given_is_named() -> None:
    with pytest.raises(KeyError, match=r"vpc .* has no input tags.owner: stopped at tags"):
        recorded(network).one("Vpc")["tags.owner"]
    with pytest.raises(AssertionError, match="want one Subnet named other, found 0; there are of that type: subnet"):
        recorded(network).one("Subnet", "other")
