import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from paydesk.kit.parent import ending_with_parent

MIDDLE = """
import signal, subprocess, sys, time
from paydesk.kit.parent import ending_with_parent
account = {"user": 65534, "group": 65534, "extra_groups": ()} if sys.argv[1] == "other" else {}
child = subprocess.Popen(
    ["/bin/sleep", "60"], preexec_fn=ending_with_parent(signal.SIGTERM), **account
)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of it")
@pytest.mark.parametrize("user", ["same", "other"])
def test_a_child_ends_when_its_parent_is_killed(user):
    if user == "other" and os.geteuid() != 0:
        pytest.skip("only root can change the user")
    with subprocess.Popen(
        [sys.executable, "-c", MIDDLE, user], stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    watch = ending_with_parent(signal.SIGTERM)
    watch()  # in the parent itself it does nothing
    for _ in range(200):
        # What nobody collects stays as a zombie, which has no program any more.
        if not Path("/proc", str(child)).exists() or not _program(child):
            return
        signal.sigtimedwait([], 0.01)
    pytest.fail("the child outlived its parent")


def _program(pid):
    try:
        return Path("/proc", str(pid), "cmdline").read_bytes()
    except ProcessLookupError:
        return b""
