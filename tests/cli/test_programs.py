import subprocess
import sys

import pytest

from paydesk.cli.children import paydesk_command
from paydesk.cli.programs import PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_describes_itself(program):
    help_text = subprocess.run(
        paydesk_command(program, "--help"), capture_output=True, text=True, check=True
    ).stdout
    assert help_text.startswith(f"usage: paydesk {program}")


def test_a_web_process_loads_no_command_line_worker_or_pdf_code():
    code = (
        "import sys, paydesk.cli.main, paydesk.web.asgi;"
        "heavy = {'typer', 'typst', 'paydesk.worker.loop', 'paydesk.cli.commands',"
        " 'paydesk.cli.serve', 'paydesk.sandbox.program', 'paydesk.vault.program'};"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr


def test_a_setting_that_does_not_fit_is_told_in_one_line():
    told = subprocess.run(
        paydesk_command("worker"),
        env={"PAYDESK_WEB_PROCESSES": "many", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr == "PAYDESK_WEB_PROCESSES should be a whole number, such as 15.\n"
