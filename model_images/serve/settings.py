"""How a model is served, told by the container's environment: one table of all variables, read once into one object."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

# More workers than this hold more copies of the model than most machines have memory for: said by WORKERS then.
MOST_WORKERS_UNASKED = 8


class SettingsError(ValueError):
    """Everything that is wrong with the environment, a line each: variable, value got, what is allowed."""


class Variable(NamedTuple):
    """One variable: what it means, what it may be, and what holds where it is not set."""

    name: str
    means: str
    allowed: str
    default: str


# In the order of a start: where the model is, where it listens, how it serves, what it keeps.
VARIABLES = (
    Variable("MODEL_DIR", "the model folder (image only)", "a folder with a model.yaml", "/opt/ml/model"),
    Variable("WEIGHTS", "the artifact, where it is not in the image", "s3://BUCKET/sha256/HEX", ""),
    Variable("AIP_STORAGE_URI", "Vertex AI: where the model lies; empty: in the image", "gs://BUCKET/FOLDER", ""),
    Variable("AWS_LAMBDA_RUNTIME_API", "Lambda: where events come from; no HTTP server then", "HOST:PORT", ""),
    Variable("AWS_LAMBDA_MAX_CONCURRENCY", "Lambda: events that are asked for in parallel", "1 to 1024", "1"),
    Variable("AIP_HTTP_PORT", "Vertex AI: the port, after --port", "1 to 65535", "8080"),
    Variable("SAGEMAKER_BIND_TO_PORT", "SageMaker: the port, after AIP_HTTP_PORT", "1 to 65535", "8080"),
    Variable("AIP_HEALTH_ROUTE", "Vertex AI: one more path that answers as /ping does", "a path", ""),
    Variable("AIP_PREDICT_ROUTE", "Vertex AI: one more path that predicts", "a path", ""),
    Variable("AIP_ENDPOINT_ID", "Vertex AI: with the next, paths of routes that are not named", "a name", ""),
    Variable("AIP_DEPLOYED_MODEL_ID", "Vertex AI: /v1/endpoints/ENDPOINT/deployedModels/ID[:predict]", "a name", ""),
    Variable("WORKERS", "processes, each with its copy of the model", "1 to 256", "one a core, at most 8"),
    Variable("DRAIN_DELAY_S", "seconds of accepting after SIGTERM, not ready any more", "0 to 600", "5"),
    Variable("REQUEST_TIMEOUT_S", "seconds after which a request is answered 504", "0.1 to 3600", "55"),
    Variable("BODY_LIMIT_BYTES", "longest request body; a longer one is answered 413", "1 to 1073741824", "26214400"),
    Variable("MAX_QUEUE_ROWS", "rows that wait in one worker; further ones are answered 429", "1 to 1000000", "256"),
    Variable("REDIS_URL", "Valkey or Redis that keeps predictions; empty: no cache", "redis:// or rediss://", ""),
    Variable(
        "CACHE_REQUESTS",
        "what is looked up there: all, or where the model takes longer than that",
        "all, slower",
        "all",
    ),
    Variable("CACHE_NAME", "keys are prediction:NAME:HEX", "letters, digits, -_.", "the model's name"),
    Variable("CACHE_TTL_S", "seconds that a prediction is kept", "1 to 31536000", "60"),
    Variable("REDIS_AUTH", "elasticache: log in by IAM, as the user of a rediss:// URL", "elasticache", ""),
    Variable("REDIS_CLUSTER", "ElastiCache: the replication group that REDIS_URL leads to", "a name", ""),
    Variable("FEATURES_TABLE", "DynamoDB table of inputs that a row leaves out; empty: none", "a name or ARN", ""),
    Variable("FEATURES_KEY", "the table's key: a field of a row, whether or not an input", "an attribute's name", ""),
    Variable("FEATURES_TIMEOUT_S", "seconds that a lookup may take before it is answered 503", "0.01 to 60", "0.25"),
    Variable(
        "CAPTURE_SINK",
        "where a sample of rows and predictions goes; empty: nowhere",
        "file:/FOLDER, http(s)://, s3://BUCKET/PREFIX",
        "",
    ),
    Variable("CAPTURE_SAMPLE", "share of the requests that is captured", "0 to 1", "1"),
    Variable("AWS_REGION", "region of table, bucket and cache, before AWS_DEFAULT_REGION", "a region", ""),
    Variable("AWS_ENDPOINT_URL", "another place for AWS's services, for tests", "http(s)://HOST:PORT", ""),
    Variable("LOG_LEVEL", "what is written to stderr", "debug, info, warning, error", "info"),
)
ALLOWED = {variable.name: variable.allowed for variable in VARIABLES}
_NAME = re.compile(r"[A-Za-z0-9._-]{0,100}")
LOG_LEVELS = ("debug", "info", "warning", "error")


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The same, read: numbers in the units that their names say."""

    port: int = 8080
    workers: int = 1
    drain_delay_s: float = 5.0
    request_timeout_s: float = 55.0
    body_limit_bytes: int = 26_214_400
    max_queue_rows: int = 256
    redis_url: str | None = None
    cache_requests: str = "all"
    cache_name: str = ""
    cache_ttl_s: int = 60
    redis_auth: str | None = None
    redis_cluster: str = ""
    features_table: str | None = None
    features_key: str = ""
    features_timeout_s: float = 0.25
    capture_sink: str | None = None
    capture_sample: float = 1.0
    log_level: str = "info"
    aws: Mapping[str, str] = {}
    """The variables that begin with AWS_: credentials come from them, so this is never shown."""

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], port: int | None = None, workers: int | None = None
    ) -> ServerSettings:
        """The settings that `environ` tells; `port` and `workers` of a command line come before it.

        Raises:
            SettingsError: naming every variable that is wrong.
        """
        read = _Reader(environ)
        asked_port = read.whole("AIP_HTTP_PORT", read.whole("SAGEMAKER_BIND_TO_PORT", 8080, 1, 65535), 1, 65535)
        settings = cls(
            port=asked_port if port is None else read.checked("--port", port, 0, 65535),
            workers=read.whole("WORKERS", 0, 1, 256) if workers is None else read.checked("--workers", workers, 1, 256),
            drain_delay_s=read.number("DRAIN_DELAY_S", 5.0, 0, 600),
            request_timeout_s=read.number("REQUEST_TIMEOUT_S", 55.0, 0.1, 3600),
            body_limit_bytes=read.whole("BODY_LIMIT_BYTES", 26_214_400, 1, 2**30),
            max_queue_rows=read.whole("MAX_QUEUE_ROWS", 256, 1, 1_000_000),
            redis_url=read.url("REDIS_URL", ("redis://", "rediss://")),
            cache_requests=read.word("CACHE_REQUESTS", ("all", "slower"), "all"),
            cache_name=read.name("CACHE_NAME"),
            cache_ttl_s=read.whole("CACHE_TTL_S", 60, 1, 31_536_000),
            redis_auth=read.word("REDIS_AUTH", ("elasticache", ""), "") or None,
            redis_cluster=environ.get("REDIS_CLUSTER", ""),
            features_table=environ.get("FEATURES_TABLE") or None,
            features_key=environ.get("FEATURES_KEY", ""),
            features_timeout_s=read.number("FEATURES_TIMEOUT_S", 0.25, 0.01, 60),
            capture_sink=read.url("CAPTURE_SINK", ("file:/", "http://", "https://", "s3://")),
            capture_sample=read.number("CAPTURE_SAMPLE", 1.0, 0, 1),
            log_level=read.word("LOG_LEVEL", LOG_LEVELS, "info"),
            aws={name: value for name, value in environ.items() if name.startswith("AWS_")},
        )
        read.wrong.extend(_contradictions(settings))
        if read.wrong:
            raise SettingsError("\n".join(read.wrong))
        if not settings.workers:
            return msgspec.structs.replace(settings, workers=min(cores(), MOST_WORKERS_UNASKED))
        return settings


def _contradictions(settings: ServerSettings) -> Iterator[str]:
    """A line for each variable that another one asks for."""
    if settings.features_table and not settings.features_key:
        yield "FEATURES_KEY: missing; allowed with FEATURES_TABLE: the name of the table's key"
    if settings.redis_auth:
        url = settings.redis_url or ""
        if not url.startswith("rediss://") or not _user(url):
            yield "REDIS_URL: missing, or no rediss://USER@HOST:PORT; allowed with REDIS_AUTH=elasticache: such a URL"
        if not settings.redis_cluster:
            yield "REDIS_CLUSTER: missing; allowed with REDIS_AUTH=elasticache: the replication group's name"


def _user(url: str) -> str:
    try:
        return urlsplit(url).username or ""
    except ValueError:
        return ""


class _Reader:
    """Reads variables and gathers what is wrong; an empty variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.wrong: list[str] = []

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        return self._read(name, int, default, low, high)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        return self._read(name, float, default, low, high)

    def checked(self, name: str, value: int, low: int, high: int) -> int:
        if not low <= value <= high:
            self.wrong.append(f"{name}: got {value}; allowed: {low} to {high}")
        return value

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        text = self.environ.get(name, "")
        if text and not text.startswith(schemes):
            # Never the value: a URL may hold a password.
            self.wrong.append(
                f"{name}: got a value that begins with none of {', '.join(schemes)}; allowed: one of them"
            )
        elif text and not _has_host(text):
            self.wrong.append(f"{name}: got a URL whose host or port cannot be read; allowed: {ALLOWED[name]}")
        return text or None

    def name(self, name: str) -> str:
        text = self.environ.get(name, "")
        if not _NAME.fullmatch(text):
            self.wrong.append(f"{name}: got {text!r:.80}; allowed: {ALLOWED[name]}")
        return text

    def word(self, name: str, words: tuple[str, ...], default: str) -> str:
        text = self.environ.get(name, "").lower() or default
        if text not in words:
            self.wrong.append(f"{name}: got {text!r:.40}; allowed: {', '.join(words)}")
        return text

    def _read(self, name: str, kind: Callable[[str], Any], default: Any, low: float, high: float) -> Any:
        text = self.environ.get(name, "")
        if not text:
            return default
        try:
            value = kind(text) if text.isascii() else None
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            self.wrong.append(f"{name}: got {text!r:.40}; allowed: {ALLOWED[name]}")
            return default
        return value


def _has_host(url: str) -> bool:
    """Whether a URL's port, if any, is a number, and one of HTTP or S3 names a host or bucket."""
    try:
        parts = urlsplit(url)
        return parts.port != 0 and (not parts.scheme.startswith(("http", "s3")) or bool(parts.hostname))
    except ValueError:
        return False


def cores(root: Path = Path("/sys/fs/cgroup")) -> int:
    """Whole cores that this process may use: the machine's, less where a container's quota gives fewer."""
    count = len(os.sched_getaffinity(0))
    try:
        quota, _, period = (root / "cpu.max").read_text(encoding="ascii").partition(" ")
        return max(1, min(count, -(-int(quota) // int(period))))
    except (OSError, ValueError):  # no cgroup of version 2, or `max`: no quota
        return count
