"""Signals that come at the worst moment."""

import subprocess
import sys

SWALLOWED = """
import os, signal
from paydesk.cli.signals import raise_on_signals

class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

check = raise_on_signals()
check()
Dying()  # Python ignores what a destructor raises
print("went on", flush=True)
try:
    check()
except KeyboardInterrupt:
    print("heard", flush=True)
"""


def test_a_signal_that_a_destructor_swallowed_is_heard_in_the_next_round():
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split("\n") == ["went on", "heard", ""]
    assert "KeyboardInterrupt" in done.stderr
