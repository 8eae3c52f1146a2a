"""Gate: the unit tests of the model folder, `tests/test_*.py`, run by pytest in a process of their own.

The folder itself is importable to them, and it is their working directory; the project's own pytest settings are not
theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from model_images.gates.result import GateResult, judged, nothing_declared
from model_images.gates.subject import Subject

LIMIT_S = 600
PROJECT = Path(__file__).resolve().parents[2]
# pytest's own exit code where it finds no test.
NO_TESTS = 5


def unit_tests(subject: Subject) -> GateResult:
    """Every failed test is a problem; so is a folder of tests that cannot be collected."""
    tests = subject.folder / "tests"
    if not list(tests.glob("test_*.py")):
        return nothing_declared("no tests/test_*.py in the model folder")
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        try:
            done = _pytest(subject.folder.resolve(), report)
        except subprocess.TimeoutExpired:
            return judged([f"the tests did not end within {LIMIT_S} s"])
        if not report.is_file():
            last = (done.stdout + done.stderr).strip().splitlines()[-1:]
            return judged([f"pytest ended with {done.returncode}: {' '.join(last):.300}"])
        return _read(report, done.returncode)


def _pytest(folder: Path, report: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(folder), str(PROJECT)))
    options = ["-q", "-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider", "--junitxml", str(report)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def _read(report: Path, code: int) -> GateResult:
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314  pytest has just written it
    problems: list[str] = []
    for case in cases:
        for kind in ("failure", "error"):
            for found in case.iter(kind):
                place = "::".join(filter(None, (case.get("classname"), case.get("name"))))
                problems.append(f"{place}: {_why(found):.200}")
    if code not in (0, NO_TESTS) and not problems:
        problems.append(f"pytest ended with {code}")
    if code == NO_TESTS:
        problems.append("tests/test_*.py holds no test; name its functions test_...")
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return judged(problems, tests=len(cases), skipped=skipped)


def _why(found: ElementTree.Element) -> str:
    """What pytest marks as the error, else its message."""
    marked = [line[1:].strip() for line in (found.text or "").splitlines() if line.startswith("E ")]
    # Of an error while collecting, the last line marked is the error itself.
    if not marked:
        return (found.get("message") or found.tag).splitlines()[0]
    return marked[-1] if found.tag == "error" else marked[0]
