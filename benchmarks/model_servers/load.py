"""Load by `wrk` (Debian package wrk): one thread, so that a two-core machine leaves the server what it needs."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Literal

MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one run of load saw. `bad`: answers other than 2xx and 3xx, and runs with socket errors."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    bad: int


def load(url: str, body: bytes, connections: int, seconds: int) -> Load:
    """Posts `body` over and over."""
    script = f'wrk.method="POST"\nwrk.headers["Content-Type"]="application/json"\nwrk.body=[==[{body.decode()}]==]\n'
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", file.name]
        text = subprocess.run([*words, url], capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Load(
        requests=int(_found(r"(\d+) requests in", text)),
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        p50_ms=_percentile("50", text),
        p99_ms=_percentile("99", text),
        bad=(int(bad[1]) if bad else 0) + ("Socket errors" in text),
    )


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"wrk said nothing like {pattern}:\n{text}")
    return found[1]


def _percentile(label: Literal["50", "99"], text: str) -> float:
    found = re.search(rf"^\s+{label}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    return float(found[1]) * MILLISECONDS[found[2]] if found else float("nan")
