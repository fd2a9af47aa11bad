"""How fast is this machine just now? A fixed piece of Python, so that runs can be compared."""

import time

_STEPS = 1_000_000


def milliseconds() -> float:
    """The processor time it takes: 60 to 80 on the machines that the notes speak of."""
    begun = time.process_time()
    total = 0
    for step in range(_STEPS):
        total += step * step % 7
    return 1000 * (time.process_time() - begun)
