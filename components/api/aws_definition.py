"""The definition of a model's API, as the OpenAPI 3.0 document that API Gateway imports. Pure.

Two routes: `POST /invocations`, guarded and checked, and `GET /ping`, open to all so that a health checker needs no
secret. The document holds everything that a deployment takes a picture of, the resource policy too: another digest of
it means another deployment.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from ipaddress import IPv4Network

from components.api.aws_integrations import Known, Parts, routes
from components.api.aws_schema import Schema, importable
from components.api.targets import Target

STAGE = "live"
INVOKE_PATH, HEALTH_PATH = "/invocations", "/ping"
KEY_HEADER, CALLER_HEADER = "x-api-key", "Authorization"
# Passed as they are; every other body is text to API Gateway. An answer is passed so if the first type that the caller
# accepts is among them.
BINARY_TYPES = ("application/octet-stream", "application/x-npy")
# All that model servers read (model_images/contracts/invocation.py), each held to the schema of a model that has one. A
# body of a type that is not named here API Gateway passes without a look, and so what is no JSON is refused, too: else
# another word in the header would be a way around the check. A type that servers do not read they refuse.
CHECKED_TYPES = (
    "application/json",
    "application/jsonlines",
    "application/vnd.sagemaker-triton.binary+json",
    "application/vnd.vertex-ai-triton.binary+json",
    "application/x-npy",
    "text/csv",
)
# How long a token that was good stays good unseen: so long it may outlive its end or its withdrawal.
TOKEN_KEPT_S = 60
# Anything else is refused by API Gateway itself, before the authorizer is called.
FORM_OF_TOKENS = r"^[Bb]earer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"
# TLS 1.3, and 1.2 with forward secrecy; key exchange that outlives quantum computers where the caller can. Mutual TLS
# takes none of the newer policies ("Choose a security policy for your custom domain", read 2026-11-24).
TLS_POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
MUTUAL_TLS_POLICY = "TLS_1_2"
# What a newer policy goes with: the name asked for in TLS must be the one that is called.
ACCESS_MODE = "STRICT"
_VALIDATOR = "request"
_KEY_SCHEME, _TOKEN_SCHEME = "callerKey", "callerToken"


@dataclass(frozen=True, kw_only=True)
class ApiShape:
    """`networks` empty: from anywhere, with what else is asked for."""

    name: str
    region: str
    target: Target
    timeout_ms: int
    networks: tuple[IPv4Network, ...] = ()
    api_keys: bool = False
    mutual_tls: bool = False
    request_schema: Schema | None = None


def definition(shape: ApiShape, known: Known) -> Parts:
    """The document. `known.authorizer` given: callers show a token, and that function judges it."""
    found = routes(shape.target, known, region=shape.region, timeout_ms=shape.timeout_ms)
    document: Parts = {
        "openapi": "3.0.1",
        "info": {"title": shape.name, "version": "1"},
        "paths": {
            INVOKE_PATH: {"post": {**found.invoke, **_guards(shape, known), **_checked(shape)}},
            HEALTH_PATH: {"get": {**found.ping, "security": []}},
        },
        "components": {"securitySchemes": _schemes(shape, known), **_schemas(shape)},
        "x-amazon-apigateway-api-key-source": "HEADER",
        "x-amazon-apigateway-binary-media-types": list(BINARY_TYPES),
        "x-amazon-apigateway-gateway-responses": {
            kind: {"responseTemplates": {"application/json": '{"error": $context.error.messageString}'}}
            for kind in ("DEFAULT_4XX", "DEFAULT_5XX")
        },
        "x-amazon-apigateway-policy": resource_policy(shape.networks),
        "x-amazon-apigateway-request-validators": {
            _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
    }
    if not shape.mutual_tls:
        document["x-amazon-apigateway-security-policy"] = TLS_POLICY
        document["x-amazon-apigateway-endpoint-access-mode"] = ACCESS_MODE
    return document


def as_text(document: Parts) -> str:
    """The same text for the same document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """What a deployment is a picture of."""
    return hashlib.sha256(text.encode()).hexdigest()


def resource_policy(networks: tuple[IPv4Network, ...]) -> Parts:
    """Anyone may ask for health; who may call is limited to the networks, if there are any."""
    anyone: Parts = {"Principal": "*", "Action": "execute-api:Invoke"}
    statements: list[Parts] = [{**anyone, "Sid": "Calls", "Effect": "Allow", "Resource": "execute-api:/*"}]
    if networks:
        statements.append(
            {
                **anyone,
                "Sid": "NeverFromElsewhere",
                "Effect": "Deny",
                # All that is no question for health: however a path is written, a call is a POST.
                "Resource": f"execute-api:/{STAGE}/POST/*",
                "Condition": {"NotIpAddress": {"aws:SourceIp": [str(network) for network in networks]}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def _guards(shape: ApiShape, known: Known) -> Parts:
    """All at once: a call needs the key and the token where both are asked for."""
    asked: dict[str, list[str]] = {}
    if shape.api_keys:
        asked[_KEY_SCHEME] = []
    if known.authorizer:
        asked[_TOKEN_SCHEME] = []
    return {"security": [asked] if asked else []}


def _schemes(shape: ApiShape, known: Known) -> Parts:
    schemes: Parts = {}
    if shape.api_keys:
        schemes[_KEY_SCHEME] = {"type": "apiKey", "in": "header", "name": KEY_HEADER}
    if known.authorizer:
        schemes[_TOKEN_SCHEME] = {
            "type": "apiKey",
            "in": "header",
            "name": CALLER_HEADER,
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "token",
                "authorizerUri": known.authorizer,
                "authorizerResultTtlInSeconds": TOKEN_KEPT_S,
                "identityValidationExpression": FORM_OF_TOKENS,
            },
        }
    return schemes


def _checked(shape: ApiShape) -> Parts:
    checked: Parts = {"x-amazon-apigateway-request-validator": _VALIDATOR}
    if shape.request_schema is not None:
        schema = {"schema": {"$ref": "#/components/schemas/Request"}}
        checked["requestBody"] = {"required": True, "content": dict.fromkeys(CHECKED_TYPES, schema)}
    return checked


def _schemas(shape: ApiShape) -> Parts:
    return {} if shape.request_schema is None else {"schemas": {"Request": importable(shape.request_schema)}}
