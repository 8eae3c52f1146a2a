"""What load costs a server: its own processor time and that of its workers."""

from __future__ import annotations

import subprocess
import sys

from model_images.gates.load import cpu_seconds

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
print("spent", flush=True)
sys.stdin.read()
child.kill()
child.wait()
"""
CHILD = """
import time
while time.process_time() < 0.5: pass
print("spent", flush=True)
time.sleep(60)
"""


def test_the_time_of_a_servers_workers_counts() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    spent = cpu_seconds(parent.pid)
    parent.communicate("")
    assert spent is not None
    assert 0.45 <= spent < 5


def test_a_process_that_is_not_there_has_no_time() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert cpu_seconds(ended.pid) is None
