"""`paydesk`: hands on to the program or command that was named."""

import sys
from typing import NoReturn

from paydesk.cli.programs import is_program, run_program
from paydesk.errors import DatabaseAway
from paydesk.settings import SettingFault


def main() -> None:
    """Runs what the command line names and exits 0, or says what is wrong and exits 1 or 2."""
    words = sys.argv[1:]
    try:
        if is_program(words):
            run_program(words[0], words[1:])
        else:
            _run_command()
    except (SettingFault, DatabaseAway) as fault:
        _refuse(fault)


def _run_command() -> None:
    # The commands' libraries take a tenth of a second to load, which the programs do without.
    from paydesk.cli.commands import FAULTS, commands

    try:
        commands(prog_name="paydesk")
    except FAULTS as fault:
        _refuse(fault)


def _refuse(fault: Exception) -> NoReturn:
    sys.stderr.write(f"{fault}\n")
    sys.exit(1)
