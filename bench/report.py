"""How a run tells what it does, and where what it found is kept."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.table import Row, markdown, record
from paydesk import VERSION

_RESULTS = Path("var/bench")


def tell(what: str) -> None:
    """Prints what is being done."""
    print(f"· {what}", flush=True)


def write(rows: list[Row], *, name: str, is_quick: bool, postgres: str) -> None:
    """Prints the table and keeps it, with every round of it as JSON.

    A quick run's files have names of their own: it must not take a real one's place.
    """
    begun = datetime.now(UTC)
    text = markdown(rows)
    machine = {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "postgresql": postgres,
        "paydesk": VERSION,
    }
    head = ", ".join(f"{part} {value}" for part, value in machine.items())
    _RESULTS.mkdir(parents=True, exist_ok=True)
    parts = [f"{begun:%Y-%m-%d}", *([name] if name != "bench" else []), *["quick"] * is_quick]
    path = _RESULTS / f"{'-'.join(parts)}.md"
    path.write_text(f"# {name.capitalize()} of {begun:%Y-%m-%d %H:%M} UTC\n\n{head}.\n\n{text}\n")
    path.with_suffix(".json").write_text(
        json.dumps({"at": begun.isoformat(), "machine": machine, "rows": record(rows)}, indent=2)
    )
    print(f"\n{text}\n\n{head}.\nWritten to {path} and {path.with_suffix('.json').name}.")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
