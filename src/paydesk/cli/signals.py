"""How a program of the command line hears that it should stop."""

import signal
from types import FrameType

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def raise_on_signals() -> None:
    """Lets SIGTERM, SIGINT and SIGHUP end whatever is being done with KeyboardInterrupt, once."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        ignore_signals()
        raise KeyboardInterrupt

    for number in _STOPPING:
        signal.signal(number, stop)


def ignore_signals() -> None:
    """Lets nothing interrupt the stopping."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
