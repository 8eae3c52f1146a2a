"""What API Gateway does with a call, by the kind of target, in the words of its OpenAPI extensions. Pure.

A route is an operation without its guards: its parameters, its answers, and the integration. What comes of other
resources is given as plain text, once it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from components.api.targets import EndpointTarget, FunctionTarget, LinkTarget, Target
from components.naming import aws_partition

Parts = dict[str, object]

INTEGRATION = "x-amazon-apigateway-integration"
# Stage variables: the candidate's part of the calls overrides the first, and health is always the stable one's.
BACKEND, STABLE = "backend", "stable"
_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_INPUT, _OUTPUT = "X-Amzn-SageMaker-InputLocation", "X-Amzn-SageMaker-OutputLocation"
# Neither a caller's key nor its token is of any use behind the API.
_WITHOUT_SECRETS = {f"integration.request.header.{header}": "'-'" for header in ("Authorization", "x-api-key")}
# What the managed endpoint's own service answers -> what the caller gets, and the text. `default` is any other: it
# says nothing of the reason, which is ours (a missing right, an endpoint that is gone), and counts as our error.
_REFUSALS = {
    "400": ("400", "the endpoint refused the request"),
    "413": ("413", "the request is too large for the endpoint"),
    "429": ("429", "the model is not ready or has too many requests; ask again later"),
    "503": ("503", "the endpoint has no room now; ask again later"),
    "default": ("502", "the endpoint failed"),
}
# The container answered with an error (424): a refusal of the request stays one, all else is the model's failure. A
# message in JSON is passed as it is, another one as text.
_MODEL_ERROR = """\
#set($status = $input.path('$.OriginalStatusCode'))
#set($message = $input.path('$.OriginalMessage'))
#if($status >= 400 && $status < 500)
#set($context.responseOverride.status = $status)
#end
#if($message && $message.startsWith('{'))
$message
#else
{"error": $input.json('$.OriginalMessage')}
#end
"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What stands only once other resources do: the link's id, the endpoint role's ARN, or the alias's ARN; and the
    address at which the authorizer is called.
    """

    reached: str
    authorizer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Routes:
    """The two operations of every API."""

    invoke: Parts
    ping: Parts


def routes(target: Target, known: Known, *, region: str, timeout_ms: int) -> Routes:
    """The operations that lead to the target."""
    match target:
        case LinkTarget():
            return Routes(
                invoke=_linked("POST", f"http://${{stageVariables.{BACKEND}}}/invocations", known, timeout_ms),
                ping=_linked("GET", f"http://${{stageVariables.{STABLE}}}/ping", known, timeout_ms),
            )
        case EndpointTarget():
            return Routes(invoke=_managed(target, known, region, timeout_ms), ping=_mocked())
        case FunctionTarget():
            call = _function(known, region, timeout_ms)
            return Routes(invoke=call, ping=call)
        case _:
            assert_never(target)


def _linked(method: str, uri: str, known: Known, timeout_ms: int) -> Parts:
    return {
        "responses": _answers("200"),
        INTEGRATION: {
            "type": "http_proxy",
            "httpMethod": method,
            "uri": uri,
            "connectionType": "VPC_LINK",
            "connectionId": known.reached,
            "requestParameters": _WITHOUT_SECRETS,
            "passthroughBehavior": "when_no_match",
            "timeoutInMillis": timeout_ms,
            "responses": {"default": {"statusCode": "200"}},
        },
    }


def _managed(target: EndpointTarget, known: Known, region: str, timeout_ms: int) -> Parts:
    """Which variant is asked is not the caller's choice: no header of theirs names one."""
    verb = "async-invocations" if target.asynchronous else "invocations"
    prefix = "X-Amzn-SageMaker-" if target.asynchronous else ""
    passed = {f"{prefix}Content-Type": "Content-Type", f"{prefix}Accept": "Accept", _ATTRIBUTES: _ATTRIBUTES}
    answered = {"Content-Type": "Content-Type", _ATTRIBUTES: _ATTRIBUTES}
    if target.asynchronous:
        passed[_INPUT] = _INPUT
        answered = {_OUTPUT: _OUTPUT}
    good = "202" if target.asynchronous else "200"
    service = f"arn:{aws_partition(region).name}:apigateway:{region}:runtime.sagemaker"
    return {
        "parameters": [_header(name, required=name == _INPUT) for name in passed.values()],
        "responses": {
            **_answers("502", *(status for status, _ in _REFUSALS.values())),
            good: {
                "description": "What the endpoint answered",
                "headers": {name: {"schema": {"type": "string"}} for name in answered},
            },
        },
        INTEGRATION: {
            "type": "aws",
            "httpMethod": "POST",
            "uri": f"{service}:path//endpoints/{target.name}/{verb}",
            "credentials": known.reached,
            "requestParameters": {
                f"integration.request.header.{ours}": f"method.request.header.{theirs}"
                for ours, theirs in passed.items()
            },
            "passthroughBehavior": "when_no_match",
            "timeoutInMillis": timeout_ms,
            "responses": _mapped(good, answered),
        },
    }


def _mapped(good: str, answered: Mapping[str, str]) -> Parts:
    """By a pattern of the status that the service answers with."""
    return {
        good: {
            "statusCode": good,
            "responseParameters": {
                f"method.response.header.{name}": f"integration.response.header.{theirs}"
                for name, theirs in answered.items()
            },
        },
        "424": {"statusCode": "502", "responseTemplates": {"application/json": _MODEL_ERROR}},
        **{
            pattern: {"statusCode": status, "responseTemplates": {"application/json": f'{{"error": "{text}"}}'}}
            for pattern, (status, text) in _REFUSALS.items()
        },
    }


def _mocked() -> Parts:
    """Says that the API itself answers, no more: whether the endpoint does is for an alarm to say."""
    return {
        "responses": _answers("200"),
        INTEGRATION: {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "passthroughBehavior": "when_no_match",
            "responses": {"default": {"statusCode": "200"}},
        },
    }


def _function(known: Known, region: str, timeout_ms: int) -> Parts:
    service = f"arn:{aws_partition(region).name}:apigateway:{region}:lambda"
    return {
        "responses": _answers("200"),
        INTEGRATION: {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": f"{service}:path/2015-03-31/functions/{known.reached}/invocations",
            "passthroughBehavior": "when_no_match",
            "timeoutInMillis": timeout_ms,
            "responses": {"default": {"statusCode": "200"}},
        },
    }


def _answers(*statuses: str) -> Parts:
    return {status: {"description": "Answer of the model" if status == "200" else "No answer"} for status in statuses}


def _header(name: str, *, required: bool) -> Parts:
    return {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}
