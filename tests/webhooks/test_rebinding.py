"""A name that leads elsewhere when it is dialled than when it was judged reaches nothing private.

`make rebinding` is the long run; `test_ssrf.py` has the same without a network of its own.
"""

import shutil
import subprocess

import pytest

from rebinding import ANSWERS, NAMESPACES, faults, rebind


def test_no_private_address_is_connected_to():
    made = subprocess.run([*NAMESPACES, "true"], check=False)
    if made.returncode != 0 or shutil.which("ip") is None:
        pytest.skip("this machine makes no namespaces")
    times = 5 * len(ANSWERS)
    assert faults(rebind(times), times) == []
