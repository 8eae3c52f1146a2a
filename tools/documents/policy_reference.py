"""Writes docs/reference/policies.md, the table of all policies, from the policies themselves.

`python -m tools.documents.policy_reference` writes it; with `--check` it only says whether the page is in step.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from pulumi_policy import Policy

from policies.pack import policies
from policies.residency.exceptions import DATA_FREE, IGNORES_PROVIDER, OwnDefault

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/reference/policies.md")
COMMAND = "python -m tools.documents.policy_reference"
_HEAD = f"""# Policies

Written by `{COMMAND}` from `policies/`; do not edit.

The pack runs in every preview and `up` whose environment sets `PULUMI_OPTION_POLICY_PACK` (as `make env` does), else
with `--policy-pack policies`. Every policy is mandatory: a violation stops the deployment before the resource is
created. On an exported state: `pulumi policy analyze --file STATE.json --policy-pack policies --policy-pack-config
CFG.json`, with CFG for example `{{"residency": {{"enforcementLevel": "mandatory", "jurisdiction": "eu"}}}}`.

A value that only `up` will know is a note in a preview and judged in `up`, before its resource is created. Residency is
stricter: a region, location, zone or cluster that the preview does not know is refused.
"""


def render() -> str:
    """The whole page as text."""
    table = ["| policy | severity | about | states | how to mend | source |", "| --- | --- | --- | --- | --- | --- |"]
    defaults = ["| type | unless this is set | lands |", "| --- | --- | --- |"]
    parts = (
        _HEAD,
        *table,
        *(_policy(policy) for policy in policies(ROOT)),
        "\n## Types that ignore their provider's region\n",
        *defaults,
        *(_own_default(token, own) for token, own in sorted(IGNORES_PROVIDER.items())),
        "\n## Types that hold no data\n",
        "Accepted in any stack, and all that an account stack (jurisdiction `none`) may hold.\n",
        *(f"- `{token}`" for token in sorted(DATA_FREE)),
    )
    return "\n".join(parts) + "\n"


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when written or in step, 1 when `--check` finds the page behind."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="The table of all policies.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is not in step")
    page, text = ROOT / PAGE, render()
    if parser.parse_args(words).check:
        if page.is_file() and page.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE}: not in step with policies/; run: {COMMAND}", file=sys.stderr)
        return 1
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    return 0


def _policy(policy: Policy) -> str:
    url = policy.url or ""
    severity = policy.severity.value if policy.severity else ""
    cells = (severity, ", ".join(policy.tags or ()), policy.description, policy.remediation_steps or "")
    return f"| `{policy.name}` | {' | '.join(cells)} | [{urlsplit(url).hostname}]({url}) |"


def _own_default(token: str, own: OwnDefault) -> str:
    field = f"`{'.'.join(own.field)}`" if own.field else "nothing helps"
    return f"| `{token}` | {field} | {own.lands or 'in no one place'}: {own.why} |"


if __name__ == "__main__":
    sys.exit(main())
