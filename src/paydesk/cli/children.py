"""Starts programs, starts them again when they die, and stops them in order."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from paydesk import limits
from paydesk.kit.parent import ending_with_parent

_QUICK_SECONDS = 5  # a life shorter than this looks like a fault that the next one has too
_FIRST_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is run as one child process."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()


def paydesk_command(*arguments: str) -> tuple[str, ...]:
    """The command line of one of Paydesk's own programs."""
    # -P: what happens to lie in the current folder is never imported.
    return (sys.executable, "-P", "-m", "paydesk", *arguments)


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    pause: float = 0
    due_at: float | None = None  # when to start it again; None while it runs


class Children:
    """The running programs. Every method belongs to the process's main thread."""

    def __init__(self, log: BinaryIO, tell: Callable[[str], None]) -> None:
        self._log = log
        self._tell = tell
        self._children: dict[str, _Child] = {}

    def start(self, program: Program) -> None:
        self._children[program.name] = _Child(program, self._spawn(program), time.monotonic())

    def tend(self) -> None:
        """Starts what has died again: at once, or after a pause if it keeps dying at once."""
        for child in self._children.values():
            if child.due_at is None and child.process.poll() is not None:
                self._note_death(child)
            if child.due_at is not None and time.monotonic() >= child.due_at:
                child.process, child.started_at = self._spawn(child.program), time.monotonic()
                child.due_at = None

    def stop(self, names: Iterable[str], *, seconds: float) -> None:
        """Ends these with SIGTERM and returns when they are gone; by force after the seconds."""
        chosen = [self._children.pop(name) for name in names if name in self._children]
        for child in chosen:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + seconds
        for child in chosen:
            try:
                child.process.wait(max(0.01, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._tell(f"{child.program.name} does not stop and is ended by force.")
                child.process.kill()
                child.process.wait()

    def stop_all(self, *, seconds: float) -> None:
        self.stop(list(self._children), seconds=seconds)

    def pid(self, name: str) -> int:
        return self._children[name].process.pid

    def names(self) -> list[str]:
        return list(self._children)

    def _note_death(self, child: _Child) -> None:
        now = time.monotonic()
        is_quick = now - child.started_at < _QUICK_SECONDS
        longer = min(max(_FIRST_PAUSE_SECONDS, 2 * child.pause), limits.RESTART_PAUSE_SECONDS_MAX)
        child.pause = longer if is_quick else 0
        child.due_at = now + child.pause
        how = _how_it_ended(child.process.returncode)
        self._tell(f"{child.program.name} {how} and is started again.")

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            program.command,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=program.descriptors,
            # Its own session, so that Ctrl-C reaches the supervisor alone, which keeps the order.
            start_new_session=True,
            preexec_fn=ending_with_parent(signal.SIGTERM),  # noqa: PLW1509 (by the main thread)
        )


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
