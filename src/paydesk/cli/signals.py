"""How a program of the command line hears that it should stop."""

import signal
from collections.abc import Callable
from types import FrameType

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def raise_on_signals() -> Callable[[], None]:
    """Lets SIGTERM, SIGINT and SIGHUP end whatever is being done with KeyboardInterrupt, once.

    Where it strikes inside a destructor, Python prints it and goes on. So whoever runs until then
    calls what this answers in each round: it raises what was lost.
    """
    has_come = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal has_come
        has_come = True
        ignore_signals()
        raise KeyboardInterrupt

    def check() -> None:
        if has_come:
            raise KeyboardInterrupt

    for number in _STOPPING:
        signal.signal(number, stop)
    return check


def ignore_signals() -> None:
    """Lets nothing interrupt the stopping."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
