"""`paydesk verify`: whether the ledger agrees with itself and with what was done."""

import sys
from pathlib import Path

from paydesk import ledger
from paydesk.cli.data_database import work_on_database


def verify(data: Path) -> int:
    """Prints what is wrong, a line each; the exit code."""
    verdict = work_on_database(data, ledger.verify)
    for fault in verdict.wrong:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{verdict.entries} entries, {len(verdict.wrong) or 'nothing'} wrong\n")
    return 1 if verdict.wrong else 0
