"""How the vault's memory stays its own: no core files, no readers, no swap.

Sources: prctl(2), mlockall(2), getrlimit(2), proc(5).
"""

import ctypes
import resource
import sys
from pathlib import Path

import structlog

log = structlog.get_logger()

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE in <linux/prctl.h>
# All there is and all to come, each page when it is first touched: stacks are mostly never.
_LOCK_ALL = 1 | 2 | 4  # MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT in <linux/mman.h>
_MAY_LOCK = 1 << 14  # CAP_IPC_LOCK in <linux/capability.h>

SWAP_MEND = (
    "Let the vault lock its memory (ulimit -l unlimited, or LimitMEMLOCK=infinity in its systemd"
    " unit), or turn swap off."
)


def hide_memory() -> None:
    """Keeps card data in this process's memory from the disk and from other processes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    if not _lock_memory() and is_swap_on():
        log.warning("vault_memory_may_be_swapped", mend=SWAP_MEND)


def can_lock_memory() -> bool:
    """Whether all of it can be locked. Under a limit, growing beyond it would end the process."""
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] == resource.RLIM_INFINITY:
        return True
    status = Path("/proc/self/status").read_text()
    powers = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(powers.split()[1], 16) & _MAY_LOCK)


def is_swap_on(table: Path = Path("/proc/swaps")) -> bool:
    """Whether the system may write memory to a disk: its table has a line below the heading."""
    try:
        return len(table.read_text().splitlines()) > 1
    except OSError:
        return False


def _lock_memory() -> bool:
    if not can_lock_memory():
        return False
    most = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (most, most))
    return bool(ctypes.CDLL(None).mlockall(_LOCK_ALL) == 0)
