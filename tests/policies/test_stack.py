"""The jurisdiction of a run: from the stack's config, from the pack's config, never guessed."""

from __future__ import annotations

from components.places import DEFAULT_TABLE
from policies.residency.policy import residency_policy
from tests.policies.asking import ask

POLICY = residency_policy(DEFAULT_TABLE)
ALLOWED = "none, au, br, ca, ch, eea, eu, in, jp, kr, sg, uk, us"


def messages(stack: str | None, pack: object = None, type_token: str = "aws:s3/bucket:Bucket") -> list[str]:
    stack_config = {"homeport:jurisdiction": stack} if stack is not None else {}
    return ask(POLICY, type_token, {}, config={"jurisdiction": pack} if pack else {}, stack_config=stack_config)


def test_the_stacks_config_is_enough() -> None:
    assert messages("eu") == []


def test_the_packs_config_is_enough() -> None:
    assert messages(None, "eu") == []


def test_both_may_say_the_same_in_any_case() -> None:
    assert messages("eu", "EU") == []


def test_two_that_differ_refuse_every_resource() -> None:
    assert messages("eu", "us") == [
        (
            "it (aws:s3/bucket:Bucket): homeport:jurisdiction says 'eu' and the policy pack's config says 'us'; "
            "give one of them, or the same in both"
        )
    ]


def test_none_of_them_refuses_every_resource() -> None:
    assert messages(None) == [
        (
            "it (aws:s3/bucket:Bucket): homeport:jurisdiction is not set, so no place is allowed; set it in the "
            f"stack's file, or residency.jurisdiction in the pack's config ({ALLOWED})"
        )
    ]


def test_none_of_them_refuses_types_without_data_and_providers_too() -> None:
    assert len(messages(None, type_token="aws:iam/role:Role")) == 1
    assert len(messages(None, type_token="pulumi:providers:aws")) == 1


def test_none_of_them_leaves_the_stack_itself_alone() -> None:
    assert messages(None, type_token="pulumi:pulumi:Stack") == []


def test_an_unknown_jurisdiction_refuses_every_resource() -> None:
    assert messages("europe") == [
        (
            f"it (aws:s3/bucket:Bucket): homeport:jurisdiction: got 'europe'; allowed: {ALLOWED}; "
            "define a new one in stacks/places.yaml"
        )
    ]


def test_a_jurisdiction_that_is_no_text_is_none_given() -> None:
    assert "is not set" in messages(None, ["eu"])[0]
