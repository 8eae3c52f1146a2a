"""The server where nothing can be written and nobody can be reached: as Lambda, Kubernetes and SageMaker run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.model_images.conftest import SAMPLES
from tests.model_images.live import ROOT, free_port

ASK = """
import sys, time, urllib.request
url = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(400):
    try:
        urllib.request.urlopen(f"{url}/readyz").read()
        break
    except OSError:
        time.sleep(0.05)
body = b'{"instances": [[129.9, 3, true]]}'
request = urllib.request.Request(f"{url}/invocations", body, {"content-type": "application/json"})
print(urllib.request.urlopen(request).read().decode())
"""
# In namespaces of its own: root read-only, no shared memory files, only loopback; then as another user, who may read
# what this test's user may.
CONFINED = """
mount -o remount,ro,bind / && mount -t tmpfs -o ro,mode=0 none /dev/shm && ip link set lo up
unset HOME TMPDIR
AIP_HTTP_PORT=$2 DRAIN_DELAY_S=0 setpriv --reuid 12345 --regid 12345 --clear-groups \\
    --inh-caps -all,+dac_read_search --ambient-caps +dac_read_search --bounding-set -all,+dac_read_search \\
    "$1" -B -m model_images serve "$3" --workers 2 &
server=$!
"$1" -c "$4" $2
kill $server
wait $server
echo "ended with $?"
"""


def _may_confine() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", "mount -o remount,ro,bind /"], capture_output=True, check=False
    )
    return tried.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not _may_confine(), reason="needs root and the right to make namespaces")
def test_it_serves_read_only_without_home_shared_memory_network_or_root() -> None:
    folder: Path = SAMPLES / "fraud"
    ran = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", CONFINED, "sh", sys.executable, str(free_port()), folder, ASK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = ran.stdout.splitlines()
    assert lines[-1:] == ["ended with 0"], ran.stdout + ran.stderr
    assert json.loads(lines[0]) == {"predictions": [0.350817]}
