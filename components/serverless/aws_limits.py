"""What Lambda gives and takes. Pure.

Sources: "Lambda quotas" and "Configure Lambda function memory" in AWS's Lambda guide; the ranges of memory, timeout and
scratch space stand in hashicorp/terraform-provider-aws, lambda/function.go, too (read 2026-11-24).
"""

from __future__ import annotations

import math
import re

LEAST_MEMORY_MIB = 128
MOST_MEMORY_MIB = 10240
MEMORY_MIB_OF_A_CPU = 1769
"""CPU is not asked for: it comes with memory, one for each so many MiB."""

LEAST_SCRATCH_MIB, MOST_SCRATCH_MIB = 512, 10240
MOST_TIMEOUT_S = 900
MOST_TIMEOUT_BEHIND_API_S = 29
MOST_BODY_BYTES = 6 * 1024 * 1024
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def memory_mib(memory_gib: float) -> int:
    """Memory in Lambda's unit; raises ValueError beyond what it has."""
    asked = math.ceil(memory_gib * 1024)
    if not LEAST_MEMORY_MIB <= asked <= MOST_MEMORY_MIB:
        raise ValueError(
            f"memory_gib: got {memory_gib}; allowed on Lambda: 0.125 to 10. A model that needs more goes on kubernetes "
            "or sagemaker"
        )
    return asked


def check_cpu(cpu: float, memory_gib: float) -> None:
    """Raises ValueError if this memory does not bring as much CPU."""
    brought = memory_mib(memory_gib) / MEMORY_MIB_OF_A_CPU
    if cpu > brought + 0.05:  # 2 GiB count as 1.2 CPUs, whatever the second decimal
        needed = cpu * MEMORY_MIB_OF_A_CPU / 1024
        step = f"ask for {needed:.1f} GiB" if needed <= 10 else "serve it on kubernetes or sagemaker"
        raise ValueError(
            f"cpu: got {cpu} with {memory_gib} GiB; allowed: at most {brought:.1f}, since CPU comes with memory: {step}"
        )


def check_time(timeout_s: int, *, behind_api: bool) -> None:
    """Raises ValueError unless whoever calls waits so long."""
    most = MOST_TIMEOUT_BEHIND_API_S if behind_api else MOST_TIMEOUT_S
    if not 1 <= timeout_s <= most:
        who = "behind an API" if behind_api else "on Lambda"
        raise ValueError(
            f"timeout_s: got {timeout_s}; allowed {who}: 1 to {most}. What takes longer is for mode async on sagemaker"
        )


def check_body(body_limit_bytes: int) -> None:
    """Raises ValueError for bodies that Lambda does not carry."""
    if not 1 <= body_limit_bytes <= MOST_BODY_BYTES:
        raise ValueError(
            f"body_limit_bytes: got {body_limit_bytes}; allowed on Lambda: 1 to {MOST_BODY_BYTES}, each way. Larger "
            "bodies are for mode async on sagemaker"
        )


def check_digest(field: str, digest: str) -> None:
    """Raises ValueError for a name that may mean another image tomorrow."""
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"{field}: got {digest!r}; allowed: sha256: and 64 hexadecimal digits")
