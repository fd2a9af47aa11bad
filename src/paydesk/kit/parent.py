"""How a child process ends with its parent, however the parent ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>
# Loaded here, in the parent: between fork and exec as little as possible may happen.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def ending_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What to give `subprocess.Popen` as preexec_fn, so that the child gets the signal.

    It has to be started by the main thread, because Linux counts the starting thread as the
    parent. subprocess changes the user before it calls this, which is the order Linux needs: a
    change of user clears the setting. Elsewhere than on Linux it does nothing.

    >>> ending_with_parent(signal.SIGTERM)()
    """
    parent = os.getpid()

    def ask() -> None:
        if _PRCTL is None or os.getpid() == parent:
            return
        _PRCTL(_SET_PARENT_DEATH_SIGNAL, int(number))
        if os.getppid() != parent:  # it died in the meantime
            os._exit(1)

    return ask
