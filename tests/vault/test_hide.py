"""The vault's memory is its own: nobody reads it, and it is written nowhere."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from paydesk.vault import hide

# Root becomes nobody, who has no powers; anybody else has none to begin with.
_AS_ANOTHER = """
import ctypes, os, sys
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""
_READ = """
try:
    open("/proc/{pid}/mem", "rb").close()
except PermissionError:
    print("refused")
"""
# PTRACE_SEIZE, which gdb and gcore begin with; EPERM is 1.
_TRACE = """
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(0x4206, {pid}, 0, 0) == -1 and ctypes.get_errno() == 1:
    print("refused")
"""
_ALLOW_CORES = (
    "import resource as r; most = r.getrlimit(r.RLIMIT_CORE)[1];"
    "r.setrlimit(r.RLIMIT_CORE, (most, most));"
)
_SLEEP = "import time; time.sleep(60)"
_HIDDEN = "from paydesk.vault.hide import hide_memory; hide_memory(); print(flush=True);"
# A child of the same user, first one that is open as programs are, then one that is hidden.
_SAME_USER = """
import signal, time
from paydesk.vault.hide import hide_memory
{become}
for prepare in (lambda: ctypes.CDLL(None).prctl(4, 1, 0, 0, 0), hide_memory):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        prepare()
        os.write(writing, b".")
        time.sleep(60)
    os.read(reading, 1)
    try:
        open(f"/proc/{{child}}/mem", "rb").close()
        print("read")
    except PermissionError:
        print("refused")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def said(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.split()


@pytest.fixture
def hidden():
    """A process of nobody's own, or ours, that has hidden its memory."""
    running = subprocess.Popen([sys.executable, "-c", _HIDDEN + _SLEEP], stdout=subprocess.PIPE)
    running.stdout.readline()
    yield running
    running.kill()
    running.wait()
    running.stdout.close()


@pytest.mark.parametrize("code", [_READ, _TRACE], ids=["memory", "trace"])
def test_another_user_reads_nothing(hidden, code):
    assert said(_AS_ANOTHER + code.format(pid=hidden.pid)) == ["refused"]


def test_the_same_user_without_powers_reads_nothing_either():
    assert said(_SAME_USER.format(become=_AS_ANOTHER)) == ["read", "refused"]


def test_an_aborted_vault_leaves_no_core_file(tmp_path):
    running = subprocess.Popen(
        [sys.executable, "-c", _ALLOW_CORES + _HIDDEN + _SLEEP],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    )
    running.stdout.readline()
    running.send_signal(signal.SIGABRT)
    assert running.wait(10) == -signal.SIGABRT
    running.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_memory_is_locked_where_the_system_allows_it(hidden):
    status = Path(f"/proc/{hidden.pid}/status").read_text()
    locked = int(re.search(r"VmLck:\s+(\d+) kB", status)[1])
    assert (locked > 0) == hide.can_lock_memory()


@pytest.mark.parametrize(
    ("table", "is_on"),
    [
        ("Filename Type Size Used Priority\n", False),
        ("Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n", True),
    ],
)
def test_swap_is_seen(tmp_path, table, is_on):
    path = tmp_path / "swaps"
    path.write_text(table)
    assert hide.is_swap_on(path) == is_on
    assert not hide.is_swap_on(tmp_path / "none")


@pytest.mark.parametrize(("is_on", "can_lock"), [(True, False), (True, True), (False, False)])
def test_memory_that_may_be_swapped_is_told(is_on, can_lock):
    code = (
        "from paydesk.kit.logs import configure_logs; from paydesk.vault import hide;"
        f"hide.is_swap_on = lambda: {is_on}; hide._lock_memory = lambda: {can_lock};"
        "configure_logs('info', 'vault'); hide.hide_memory()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ("vault_memory_may_be_swapped" in done.stderr) == (is_on and not can_lock)
