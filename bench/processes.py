"""What processes have used of the machine, as /proc tells it. Linux only."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> dict[str, list[int]]:
    """The direct children's process ids by program: `web`, `worker`, …, `postgres`."""
    found: dict[str, list[int]] = {}
    for child in _child_pids(pid):
        words = _read(child, "cmdline").split("\0")
        program = words[words.index("paydesk") + 1] if "paydesk" in words else "postgres"
        found.setdefault(program, []).append(child)
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """The processor time of these processes and of all their children, ended ones included.

    Differences stay right when a child ends in between: its time then counts with its parent's.
    """
    return sum(map(_tree_ticks, pids)) / _TICKS_PER_SECOND


def pss_megabytes(pid: int) -> float:
    """The process's memory, with what it shares counted in proportion."""
    for line in _read(pid, "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _tree_ticks(pid: int) -> int:
    stat = _read(pid, "stat")
    if not stat:
        return 0
    # Fields 14 to 17 of proc(5); the second, the name, may hold blanks and brackets.
    own = sum(map(int, stat.rpartition(")")[2].split()[11:15]))
    return own + sum(map(_tree_ticks, _child_pids(pid)))


def _child_pids(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task")
    if not threads.exists():
        return []
    names = [_read(pid, f"task/{thread.name}/children") for thread in threads.iterdir()]
    return [int(child) for text in names for child in text.split()]


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:  # it ended in the meantime
        return ""
