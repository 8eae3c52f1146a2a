"""Asks an API server, as the cluster's administrator: JSON over TLS with a client certificate."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from tools.cluster.errors import ClusterError

_PATIENCE_S = 30.0


class Refused(ClusterError):
    """The API server said no. `status`: of HTTP; the text is the server's own reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Client:
    """`server`: as in a kubeconfig. The certificates of the administrator lie in `certificates`."""

    server: str
    certificates: Path

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **parameters: str) -> dict[str, Any]:
        """One call. Raises `Refused` for an answer of 400 or more, ClusterError where nobody answers."""
        return self._send(method, path, body, "application/json", parameters)

    def apply(self, path: str, body: Mapping[str, Any], *, manager: str) -> dict[str, Any]:
        """Server-side apply with strict validation, as Pulumi's provider does it: `manager` owns what it names."""
        parameters = {"fieldManager": manager, "force": "true", "fieldValidation": "Strict"}
        return self._send("PATCH", path, body, "application/apply-patch+yaml", parameters)  # JSON is YAML

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, kind: str, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        query = f"?{urlencode(parameters)}" if parameters else ""
        sent = None if body is None else json.dumps(body)
        connection = self._connection()
        try:
            connection.request(method, f"{path}{query}", sent, {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read().decode()
        except OSError as error:
            raise ClusterError(f"{self.server}: no answer ({error}); is the cluster up?") from error
        finally:
            connection.close()
        if answer.status >= 400:
            raise Refused(answer.status, _reason(text))
        return cast("dict[str, Any]", json.loads(text)) if text.startswith("{") else {"text": text}

    def _connection(self) -> http.client.HTTPSConnection:
        trusted = ssl.create_default_context(cafile=str(self.certificates / "ca.crt"))
        trusted.load_cert_chain(self.certificates / "admin.crt", self.certificates / "admin.key")
        parts = urlsplit(self.server)
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, context=trusted, timeout=_PATIENCE_S)


def object_path(thing: Mapping[str, Any], plural: str) -> str:
    """The address under which an object is kept."""
    metadata = cast("Mapping[str, Any]", thing["metadata"])
    return f"{collection_path(thing, plural)}/{metadata['name']}"


def collection_path(thing: Mapping[str, Any], plural: str) -> str:
    """The address to which a new object is sent."""
    version = str(thing["apiVersion"])
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = cast("Mapping[str, Any]", thing["metadata"]).get("namespace")
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def _reason(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:1000]
