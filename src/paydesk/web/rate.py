"""How many requests a key has made this second, over all web processes of the machine."""

import mmap
import os
import struct
import time
from pathlib import Path

_PROCESSES_MAX = 32
_KEYS = 16_384  # keys further apart share no counter; 16,384 × 32 × 8 bytes, sparse on disk
_CELL = struct.Struct("<II")  # the second, and the requests in it
_ROW_BYTES = _PROCESSES_MAX * _CELL.size


class RateMeter:
    """Counts requests by key and second in memory that processes share.

    Each process writes to its own column only, so that no lock is needed; a reader adds the
    columns up. An 8-byte cell is written at once.
    """

    def __init__(self, path: Path | None, *, process: int) -> None:
        """Counts in the file at path, which processes share, or for this process alone."""
        size = _KEYS * _ROW_BYTES
        if path is None:
            self._memory = mmap.mmap(-1, size)
        else:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, size)
                self._memory = mmap.mmap(descriptor, size)
            finally:
                os.close(descriptor)
        self._column = process % _PROCESSES_MAX * _CELL.size

    def count(self, key: int) -> int:
        """Counts one request of this key; answers how many it has made in this second."""
        # The monotonic clock is the same in all processes of a machine.
        second = int(time.monotonic()) & 0xFFFFFFFF
        row = key % _KEYS * _ROW_BYTES
        own = row + self._column
        then, count = _CELL.unpack_from(self._memory, own)
        _CELL.pack_into(self._memory, own, second, count + 1 if then == second else 1)
        cells = _CELL.iter_unpack(self._memory[row : row + _ROW_BYTES])
        return sum(count for then, count in cells if then == second)
