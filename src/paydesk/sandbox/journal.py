"""How a sandbox program remembers: a file of JSON lines, from which it is rebuilt at start."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Journal:
    """An append-only file of JSON objects, one a line.

    A line is in the file before `write` returns, so a SIGKILL afterwards does not lose it; a
    line cut short by one is dropped at the next start.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        whole, _, torn = path.read_bytes().rpartition(b"\n")
        if torn:
            os.ftruncate(self._file, len(whole) + 1 if whole else 0)

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._path.read_text().splitlines()]

    def write(self, entry: Mapping[str, Any]) -> None:
        """Appends the entry.

        Raises: OSError, when the disk is full; the file is then as it was.
        """
        line = json.dumps(entry).encode() + b"\n"
        before = os.fstat(self._file).st_size
        if os.write(self._file, line) != len(line):
            os.ftruncate(self._file, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        os.close(self._file)
