"""What the engine's events say. The events are shaped as the engine 3.259 wrote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fleet.event_log import follow
from fleet.events import Counts, Policies, Tally, describe

BUCKET = "urn:pulumi:demo::homeport::homeport:x:C$aws:s3/bucket:Bucket::models"
STACK = "urn:pulumi:demo::homeport::pulumi:pulumi:Stack::homeport-demo"


def ended(operation: str, urn: str = BUCKET, token: str = "aws:s3/bucket:Bucket", **states: Any) -> dict[str, Any]:
    return {"sequence": 1, "resOutputsEvent": {"metadata": {"op": operation, "urn": urn, "type": token, **states}}}


def told(*events: dict[str, Any]) -> Tally:
    tally = Tally()
    for event in events:
        tally.add(event)
    return tally


def test_the_engines_summary_gives_the_counts() -> None:
    tally = told({"summaryEvent": {"resourceChanges": {"create": 2, "replace": 1, "update": 3, "same": 4}}})
    assert tally.counts == Counts(created=2, replaced=1, changed=3, same=4)


def test_without_a_summary_what_was_seen_is_counted_and_a_replacement_once() -> None:
    parts = ("create-replacement", "replace", "delete-replaced")
    tally = told(ended("create", "urn:a::b::aws:x/y:Z::one"), *(ended(part) for part in parts))
    assert tally.counts == Counts(created=1, replaced=1)


def test_only_a_change_is_shown_as_the_current_step() -> None:
    same = {"resourcePreEvent": {"metadata": {"op": "same", "urn": "urn:p::q::aws:iam/role:Role::other"}}}
    create = {"resourcePreEvent": {"metadata": {"op": "create", "urn": BUCKET}}}
    assert told(create, same).current == "s3 Bucket models"


def test_a_policy_counts_as_passed_only_if_no_resource_violates_it() -> None:
    tally = told(
        {"policyAnalyzeSummaryEvent": {"resourceUrn": "a", "passed": ["one", "two"]}},
        {"policyAnalyzeSummaryEvent": {"resourceUrn": "b", "passed": ["one"], "failed": ["two"]}},
        {"policyAnalyzeStackSummaryEvent": {"passed": ["three"]}},
    )
    assert tally.policies == Policies(passed=2, evaluated=3)


def test_a_mandatory_violation_is_told_with_resource_and_message() -> None:
    violation = {
        "resourceUrn": BUCKET,
        "policyName": "residency",
        "message": "Data stays.\nbucket lies in us-east-1\n",
        "enforcementLevel": "mandatory",
    }
    assert told({"policyEvent": violation}).problems == (
        "policy residency on s3 Bucket models: bucket lies in us-east-1",
    )


def test_an_advisory_violation_is_no_problem() -> None:
    violation = {"policyName": "p", "message": "m", "enforcementLevel": "advisory"}
    assert told({"policyEvent": violation}).problems == ()


def test_the_engines_wrap_up_is_told_only_if_nothing_else_is() -> None:
    wrap_up = {"diagnosticEvent": {"severity": "error", "message": "update failed\n"}}
    cause = {"diagnosticEvent": {"severity": "error", "urn": BUCKET, "message": "BucketAlreadyExists\n"}}
    assert told(cause, wrap_up).problems == ("s3 Bucket models: BucketAlreadyExists",)
    assert told(wrap_up).problems == ("update failed",)


@pytest.mark.parametrize(("new", "differ"), [({"a": 1}, False), ({"a": 2}, True), (None, True)])
def test_a_change_of_outputs_alone_is_seen(new: dict[str, int] | None, differ: bool) -> None:
    event = ended("same", STACK, "pulumi:pulumi:Stack", old={"outputs": {"a": 1}}, new={"outputs": new})
    assert told(event).outputs_differ is differ


@pytest.mark.parametrize(
    ("urn", "words"),
    [
        (BUCKET, "s3 Bucket models"),
        ("urn:pulumi:s::p::kubernetes:apps/v1:Deployment::fraud", "kubernetes Deployment fraud"),
        ("urn:pulumi:s::p::pulumi:providers:aws::main", "pulumi aws main"),
        ("urn:pulumi:s::p::aws:iam/role:Role::a::b", "iam Role a::b"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_urn_is_told_in_words(urn: str, words: str) -> None:
    assert describe(urn) == words


def test_an_event_cut_short_by_a_full_disk_is_passed_over(tmp_path: Path) -> None:
    log, seen = tmp_path / "events", list[Any]()
    log.write_text('{"sequence": 1, "diagn\n{"sequence": 2}\n', encoding="utf-8")
    with follow(log, seen.append):
        pass
    assert seen == [{"sequence": 2}]


def test_events_are_followed_while_they_are_written_half_lines_included(tmp_path: Path) -> None:
    log, seen = tmp_path / "events", list[Any]()
    log.touch()
    with log.open("a", encoding="utf-8") as written, follow(log, seen.append):
        first, second = json.dumps({"sequence": 1}), json.dumps({"sequence": 2})
        written.write(first + "\n" + second[:5])
        written.flush()
        written.write(second[5:] + "\n" + '{"diagnosticEvent":{"severity":"debug"}}\n')
        written.flush()
    assert seen == [{"sequence": 1}, {"sequence": 2}]
