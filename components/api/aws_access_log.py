"""What is written down of each call: who, when, by which way and what came of it. Pure.

Never a body, a query string, a header or the value of a key: a key stands by its id, a token by its subject. The
caller's address is written down, which most laws hold for personal data: the log group's retention ends it.
"""

from __future__ import annotations

import json

_FIELDS = {
    "request": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "address": "$context.identity.sourceIp",
    "caller": "$context.identity.apiKeyId",
    "subject": "$context.authorizer.principalId",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "host": "$context.domainName",
    "tls": "$context.tlsVersion",
    "status": "$context.status",
    "candidate": "$context.isCanaryRequest",
    "answer_bytes": "$context.responseLength",
    "total_ms": "$context.responseLatency",
    "target_ms": "$context.integrationLatency",
    "target_status": "$context.integrationStatus",
    "web_acl": "$context.wafResponseCode",
    "error": "$context.error.responseType",
    "client_certificate": "$context.identity.clientCert.serialNumber",
}


def access_log_format() -> str:
    """One line of JSON; every value is text."""
    return json.dumps(_FIELDS, separators=(",", ":"))
