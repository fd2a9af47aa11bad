"""A sandbox program's log: what happened, and when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paydesk.sandbox.journal import Journal


class Diary:
    """A journal in which every line says when it was written, and what kind of line it is."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)

    def entries(self) -> list[dict[str, Any]]:
        return self._journal.entries()

    def write(self, kind: str, **entry: Any) -> Mapping[str, Any]:
        """Writes the line, and tells what it says."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"at": at, "kind": kind, **entry}
        self._journal.write(line)
        return line

    def close(self) -> None:
        self._journal.close()
